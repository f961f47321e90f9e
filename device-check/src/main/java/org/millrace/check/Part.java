package org.millrace.check;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.millrace.catalog.OpCase;
import org.millrace.catalog.OpCases;
import org.millrace.conformance.FaultConformance;
import org.millrace.conformance.GradientConformance;
import org.millrace.conformance.GuardConformance;
import org.millrace.conformance.KernelConformance;
import org.millrace.conformance.NetworkConformance;
import org.millrace.conformance.OpConformance;
import org.millrace.conformance.TowerConformance;
import org.millrace.device.Device;
import org.millrace.tensor.DType;

/** A part of the check of a device: a test class, mostly of the conformance kit. */
enum Part {
  /** Every kind of kernel, to the bit. */
  KERNELS("kernels", Kernels.class, true),
  /** Every operation. */
  OPERATIONS("operations", Operations.class, true),
  /** Every gradient. */
  GRADIENTS("gradients", Gradients.class, true),
  /** Small networks, and random numbers. */
  NETWORKS("networks", Networks.class, true),
  /** Training between guard zones. */
  GUARDS("guard zones", Guards.class, false),
  /** Sessions whose device fails. */
  FAILURES("injected failures", Failures.class, false),
  /** Training on the device and the CPU together. */
  TOWERS("towers", Towers.class, false),
  /** The main job. */
  TRAINING("training", TrainingCheck.class, true);

  private final String title;
  private final Class<?> tests;
  private final boolean inQuick;

  Part(String title, Class<?> tests, boolean inQuick) {
    this.title = title;
    this.tests = tests;
    this.inQuick = inQuick;
  }

  /** The parts of the check of a device; the CPU makes no tower beside itself. */
  static List<Part> of(CheckedDevice checked) {
    return Stream.of(values())
        .filter(part -> part.inQuick || !checked.quick())
        .filter(part -> part != TOWERS || !checked.device().type().equals("CPU"))
        .toList();
  }

  /** Its name in the report. */
  String title() {
    return title;
  }

  /** The class whose tests are run. */
  Class<?> tests() {
    return tests;
  }

  @ExtendWith(CheckedDevice.Resolver.class)
  static final class Kernels extends KernelConformance {
    private final CheckedDevice checked;

    Kernels(CheckedDevice checked) {
      this.checked = checked;
    }

    @Override
    protected Device device() {
      return checked.device();
    }

    @Override
    protected int stride() {
      return checked.stride(40);
    }
  }

  @ExtendWith(CheckedDevice.Resolver.class)
  static final class Operations extends OpConformance {
    private final CheckedDevice checked;

    Operations(CheckedDevice checked) {
      this.checked = checked;
    }

    @Override
    protected String deviceName() {
      return checked.name();
    }

    @Override
    protected boolean supports(DType type) {
      return type == DType.STRING || checked.device().capabilities().supports(type);
    }

    @Override
    protected Stream<OpCase> cases() {
      if (!checked.quick()) {
        return super.cases();
      }
      List<OpCase> few = OpCases.twoOfEach();
      return few.stream().filter(one -> few.indexOf(one) % 8 == 0);
    }
  }

  @ExtendWith(CheckedDevice.Resolver.class)
  static final class Gradients extends GradientConformance {
    private final CheckedDevice checked;

    Gradients(CheckedDevice checked) {
      this.checked = checked;
    }

    @Override
    protected String deviceName() {
      return checked.name();
    }

    @Override
    protected boolean supports(DType type) {
      return checked.device().capabilities().supports(type);
    }

    @Override
    protected int stride() {
      return checked.stride(30);
    }
  }

  @ExtendWith(CheckedDevice.Resolver.class)
  static final class Networks extends NetworkConformance {
    private final CheckedDevice checked;

    Networks(CheckedDevice checked) {
      this.checked = checked;
    }

    @Override
    protected String deviceName() {
      return checked.name();
    }
  }

  @ExtendWith(CheckedDevice.Resolver.class)
  static final class Guards extends GuardConformance {
    private final CheckedDevice checked;

    Guards(CheckedDevice checked) {
      this.checked = checked;
    }

    @Override
    protected Device device() {
      return checked.device();
    }
  }

  @ExtendWith(CheckedDevice.Resolver.class)
  static final class Failures extends FaultConformance {
    private final CheckedDevice checked;

    Failures(CheckedDevice checked) {
      this.checked = checked;
    }

    @Override
    protected Device device() {
      return checked.device();
    }
  }

  @ExtendWith(CheckedDevice.Resolver.class)
  static final class Towers extends TowerConformance {
    private final CheckedDevice checked;

    Towers(CheckedDevice checked) {
      this.checked = checked;
    }

    @Override
    protected List<String> towers() {
      return List.of("/cpu:0", checked.name());
    }
  }
}
