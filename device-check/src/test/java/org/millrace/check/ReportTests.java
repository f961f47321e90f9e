package org.millrace.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.Limits;

final class ReportTests {
  private record Card(Limits limits) implements Device {
    @Override
    public String type() {
      return "CARD";
    }

    @Override
    public int ordinal() {
      return 0;
    }

    @Override
    public String description() {
      return "Model 7 | driver 1.2";
    }

    @Override
    public Capabilities capabilities() {
      return new Capabilities(true, false, true, true, true, false, 3L << 29, 1L << 30, 64);
    }

    @Override
    public DeviceContext open(ContextOptions options) {
      throw new UnsupportedOperationException();
    }
  }

  private static final Outcome FINE = new Outcome(7, List.of(), Map.of(), List.of());

  private static Report report(Limits limits, boolean accelerators, Outcome operations) {
    var speed = new Speed(Map.of(1024, 2.5e12), 12e9, 11.5e9, 400e9);
    var result =
        new DeviceResult(
            new CheckedDevice(new Card(limits), false),
            Map.of(Part.OPERATIONS, operations),
            Optional.of(speed),
            FINE);
    return new Report("versions", "CARD\n  one\n", accelerators, List.of(result));
  }

  @Test
  void tablesNameDeviceDriverCountsSpeedsAndShares() {
    Limits limits =
        new Limits(OptionalDouble.empty(), OptionalDouble.of(1e13), OptionalDouble.of(1e12));
    assertEquals(
        """
        ## Millrace self-check: everything passed

        versions

        | device | what it is, and its driver | memory | result |
        |---|---|---|---|
        | /device:CARD:0 | Model 7 \\| driver 1.2 | 1.5 GiB | passed |

        | device | operations |
        |---|---|
        | /device:CARD:0 | 7 passed |

        | device | what | speed | limit of the device | share |
        |---|---|---|---|---|
        | /device:CARD:0 | float32 product 1024 x 1024 x 1024 | 2,500 GFLOP/s | 10,000 GFLOP/s | 25 % |
        | /device:CARD:0 | copy from the host | 12.0 GB/s | unknown | unknown |
        | /device:CARD:0 | copy to the host | 11.5 GB/s | unknown | unknown |
        | /device:CARD:0 | copy within the device, read and written | 800 GB/s | 1,000 GB/s | 80 % |

        ### Devices of this machine

        ```
        CARD
          one
        ```
        """,
        report(limits, true, FINE).toString());
  }

  @Test
  void failuresAndReasonsOfSkipsAreListed() {
    List<String> failures = IntStream.range(0, 30).mapToObj(i -> "`Op " + i + "`: no").toList();
    var outcome = new Outcome(1, failures, Map.of("it has no float64", 5), List.of());
    Report report = report(Limits.unknown(), true, outcome);
    assertFalse(report.isPassed());
    String text = report.toString();
    assertTrue(text.startsWith("## Millrace self-check: FAILED\n"), text);
    assertTrue(text.contains("| 1 passed, **30 failed**, 5 skipped |"), text);
    assertTrue(text.contains("- /device:CARD:0, operations: `Op 19`: no\n"), text);
    assertFalse(text.contains("Op 20"), text);
    assertTrue(text.contains("- /device:CARD:0, operations: and 10 more\n"), text);
    assertTrue(text.contains("- /device:CARD:0, operations: 5 times: it has no float64\n"), text);
  }

  @Test
  void unknownLimitsAreSaidToBe() {
    String text = report(Limits.unknown(), true, FINE).toString();
    assertTrue(text.contains("| 2,500 GFLOP/s | unknown | unknown |"), text);
    Limits cycles =
        new Limits(OptionalDouble.of(1e12), OptionalDouble.empty(), OptionalDouble.empty());
    assertTrue(
        report(cycles, true, FINE)
            .toString()
            .contains("| unknown | 2.50 FLOP per cycle and compute unit |"));
  }

  @Test
  void machineWithoutAcceleratorIsSaidToBe() {
    assertTrue(
        report(Limits.unknown(), false, FINE)
            .toString()
            .contains("\n**No device but the CPU was found.** "));
    assertFalse(report(Limits.unknown(), true, FINE).toString().contains("No device but"));
  }
}
