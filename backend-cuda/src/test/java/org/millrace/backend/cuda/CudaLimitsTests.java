package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.millrace.device.Limits;

class CudaLimitsTests {
  private static Limits limits(int major, int minor, int clock, int memoryClock) {
    return CudaDevice.limits(
        new CudaDriver.Properties(
            "card", major, minor, 1L << 30, 10, clock, memoryClock, 256, "0000:01:00.0"));
  }

  @Test
  void peaksFollowFromClocksMultiprocessorsLanesAndBusWidth() {
    Limits limits = limits(9, 0, 1_500_000, 2_000_000);
    assertEquals(OptionalDouble.of(10 * 1.5e9), limits.cycles());
    assertEquals(OptionalDouble.of(10 * 1.5e9 * 128 * 2), limits.flops());
    assertEquals(OptionalDouble.of(2e9 * 2 * 256 / 8), limits.bytes());
  }

  @Test
  void multiprocessorsOfSomeCardsHaveHalfTheLanes() {
    int[][] whole = {{5, 0}, {5, 2}, {6, 1}, {8, 6}, {8, 9}, {9, 0}, {12, 0}};
    int[][] half = {{6, 0}, {7, 0}, {7, 5}, {8, 0}};
    for (int[] card : whole) {
      assertEquals(10 * 1e6 * 256, limits(card[0], card[1], 1000, 1).flops().orElseThrow());
    }
    for (int[] card : half) {
      assertEquals(10 * 1e6 * 128, limits(card[0], card[1], 1000, 1).flops().orElseThrow());
    }
  }

  @Test
  void clocksThatTheDriverDoesNotTellGiveNoLimits() {
    assertEquals(Limits.unknown(), limits(9, 0, 0, 0));
  }
}
