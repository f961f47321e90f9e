package org.millrace.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceProvider;
import org.millrace.device.DeviceSpec;

class DeviceTableTests {
  private enum Made {
    OF_PROCESSORS,
    AS_ACCELERATOR
  }

  private record Named(String type, int ordinal, Made made, Optional<String> busAddress)
      implements Device {
    @Override
    public String description() {
      return "a name only";
    }

    @Override
    public Capabilities capabilities() {
      boolean accelerator = made == Made.AS_ACCELERATOR;
      return new Capabilities(
          accelerator, !accelerator, true, true, true, true, 1 << 20, 1 << 20, 64);
    }

    @Override
    public DeviceContext open(ContextOptions options) {
      throw new UnsupportedOperationException("nothing runs here");
    }
  }

  private final List<String> discovered = new ArrayList<>();

  private DeviceProvider provider(String type, int priority, Made... made) {
    return provider(
        type,
        priority,
        IntStream.range(0, made.length)
            .<Device>mapToObj(i -> new Named(type, i, made[i], Optional.empty()))
            .toList());
  }

  private DeviceProvider provider(String type, int priority, List<Device> devices) {
    return new DeviceProvider() {
      @Override
      public String type() {
        return type;
      }

      @Override
      public int priority() {
        return priority;
      }

      @Override
      public Discovery discover() {
        discovered.add(type);
        List<String> reasons = devices.isEmpty() ? List.of("no driver: install one") : List.of();
        return new Discovery(devices, reasons, List.of());
      }
    };
  }

  private final DeviceProvider cpu = provider("CPU", 70, Made.OF_PROCESSORS);
  private final DeviceProvider openCl =
      provider("OPENCL", 200, Made.OF_PROCESSORS, Made.AS_ACCELERATOR, Made.AS_ACCELERATOR);
  private final DeviceProvider cuda =
      provider("CUDA", 210, Made.AS_ACCELERATOR, Made.AS_ACCELERATOR);

  private DeviceTable all(String... visible) {
    return new DeviceTable(List.of(cpu, openCl, cuda), false, List.of(visible));
  }

  private static List<String> matching(DeviceTable table, String request) {
    return table.matching(DeviceSpec.parse(request)).stream()
        .map(device -> device.type() + ":" + device.ordinal())
        .toList();
  }

  @Test
  void gpusAreNumberedByPriorityAndLeaveOutTheHostsProcessors() {
    assertEquals(List.of("CUDA:0", "CUDA:1", "OPENCL:1", "OPENCL:2"), matching(all(), "/gpu"));
    assertEquals(List.of("OPENCL:1"), matching(all(), "/gpu:2"));
    assertEquals(List.of(), matching(all(), "/gpu:4"));
  }

  private static Device card(String type, int ordinal, String busAddress) {
    return new Named(type, ordinal, Made.AS_ACCELERATOR, Optional.of(busAddress));
  }

  @Test
  void aCardThatTwoBackendsShowIsOneGpu() {
    DeviceProvider first =
        provider(
            "CUDA", 210, List.of(card("CUDA", 0, "0000:01:00.0"), card("CUDA", 1, "0000:02:00.0")));
    DeviceProvider second =
        provider(
            "OPENCL",
            200,
            List.of(
                card("OPENCL", 0, "0000:02:00.0"),
                card("OPENCL", 1, "0000:03:00.0"),
                card("OPENCL", 2, "0000:01:00.0")));
    DeviceTable table = new DeviceTable(List.of(cpu, second, first), false, List.of());
    assertEquals(List.of("CUDA:0", "CUDA:1", "OPENCL:1"), matching(table, "/gpu"));
    assertEquals(List.of("OPENCL:2"), matching(table, "/device:OPENCL:2"));
    DeviceTable seen = new DeviceTable(List.of(second, first), false, List.of("/device:OPENCL:2"));
    assertEquals(List.of("OPENCL:2"), matching(seen, "/gpu"));
  }

  @Test
  void hostsProcessorsCountAsGpuIfAskedTo() {
    DeviceTable table = new DeviceTable(List.of(cpu, openCl), true, List.of());
    assertEquals(List.of("OPENCL:0"), matching(table, "/gpu:0"));
    assertEquals(List.of("OPENCL:1"), matching(table, "/gpu:1"));
  }

  @Test
  void concreteTypeIsNumberedByItself() {
    assertEquals(List.of("OPENCL:2"), matching(all(), "/device:OPENCL:2"));
    assertEquals(List.of("OPENCL:0", "OPENCL:1", "OPENCL:2"), matching(all(), "/device:OPENCL"));
    assertEquals(List.of("CUDA:1"), matching(all(), "/device:cuda:1"));
    assertEquals(List.of(), matching(all(), "/device:CPU:1"));
  }

  @Test
  void requestWithoutATypeMeansCudaOrTheHost() {
    assertEquals(List.of("CUDA:0", "CUDA:1", "CPU:0"), matching(all(), "/job:localhost"));
    assertEquals(List.of("CUDA:0", "CPU:0"), matching(all(), "/device:*:0"));
    assertEquals(List.of("OPENCL:2"), matching(all(), "/device:*:2"));
    DeviceTable withoutCuda = new DeviceTable(List.of(cpu, openCl), true, List.of());
    assertEquals(List.of("CPU:0"), matching(withoutCuda, "/task:0"));
    assertEquals(List.of("CPU:0"), matching(withoutCuda, ""));
  }

  @Test
  void otherMachinesHaveNoDevices() {
    assertEquals(List.of("CPU:0"), matching(all(), "/job:localhost/replica:0/task:0/cpu:0"));
    for (String where : List.of("/job:worker", "/replica:1", "/task:1")) {
      assertEquals(List.of(), matching(all(), where + "/cpu:0"), where);
    }
  }

  @Test
  void visibleDevicesAreNumberedInTheOrderInWhichTheyAreNamed() {
    DeviceTable table = all("/device:OPENCL:2", "/device:CUDA:1");
    assertEquals(List.of("OPENCL:2", "CUDA:1"), matching(table, "/gpu"));
    assertEquals(List.of("OPENCL:2"), matching(table, "/gpu:0"));
    assertEquals(List.of(), matching(table, "/device:CUDA:0"));
    assertEquals(List.of("CPU:0"), matching(table, "/cpu:0"));
  }

  @Test
  void reasonsAreSentencesThatNameTheTypeOfTheirBackend() {
    DeviceTable table =
        new DeviceTable(
            List.of(provider("CPU", 70, Made.OF_PROCESSORS), provider("OPENCL", 200)),
            false,
            List.of());
    assertEquals(
        "OPENCL: no driver: install one.", table.reasons(DeviceSpec.parse("/device:OPENCL:0")));
    assertEquals(
        "OPENCL: no driver: install one."
            + " There is no backend for devices of type TPU on the class path.",
        table.reasons(DeviceSpec.parse("/device:TPU:0")));
  }

  @Test
  void backendThatIsNotAskedForIsNotLookedAt() {
    matching(all(), "/cpu:0");
    assertEquals(List.of("CPU"), discovered);
    matching(all(), "");
    assertTrue(!discovered.contains("OPENCL"), discovered.toString());
  }
}
