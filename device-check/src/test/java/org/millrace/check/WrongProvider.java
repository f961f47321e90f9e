package org.millrace.check;

import java.util.List;
import org.millrace.backend.cpu.CpuProvider;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceProvider;

/**
 * Devices that the check must find wrong: the CPU, one without the minus of {@code Neg}, one whose
 * copies lose a byte.
 */
public final class WrongProvider implements DeviceProvider {
  static final String TYPE = "WRONG";

  /** What is wrong with a device. */
  enum Flaw {
    /** {@code -x} is {@code x}. */
    NO_MINUS,
    /** The last byte of a copy within the device is not copied. */
    SHORT_COPIES
  }

  private final Device cpu = new CpuProvider().discover().devices().getFirst();

  /** For {@link java.util.ServiceLoader}. */
  public WrongProvider() {}

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public int priority() {
    return 1;
  }

  @Override
  public Discovery discover() {
    return new Discovery(
        List.of(new Wrong(cpu, Flaw.NO_MINUS), new Wrong(cpu, Flaw.SHORT_COPIES)),
        List.of(),
        List.of());
  }

  private record Wrong(Device cpu, Flaw flaw) implements Device {
    @Override
    public String type() {
      return TYPE;
    }

    @Override
    public int ordinal() {
      return flaw.ordinal();
    }

    @Override
    public String description() {
      return "wrong on purpose: " + flaw;
    }

    @Override
    public Capabilities capabilities() {
      return cpu.capabilities();
    }

    @Override
    public DeviceContext open(ContextOptions options) {
      return new WrongContext(this, flaw, cpu.open(options));
    }
  }
}
