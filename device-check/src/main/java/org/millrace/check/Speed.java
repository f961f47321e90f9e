package org.millrace.check;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.Launch;
import org.millrace.device.Region;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.tensor.DType;

/**
 * How fast a device is: the best of some rounds.
 *
 * @param products float32 operations per second of square matrix products, by number of rows
 * @param upload bytes per second from the host
 * @param download bytes per second to the host
 * @param copy bytes per second copied within the device, each of which is read and written
 */
record Speed(Map<Integer, Double> products, double upload, double download, double copy) {
  private static final List<Integer> SIZES = List.of(256, 512, 1024, 2048, 4096);
  private static final List<Integer> QUICK_SIZES = List.of(128, 256);
  private static final int ROUNDS = 3;
  private static final long NANOS = 1_000_000_000;

  /** A product that would take longer than this is left out, and all that are larger. */
  private static final double LONGEST_PRODUCT_SECONDS = 2;

  /**
   * Measures, and checks what was computed and copied.
   *
   * @throws IllegalStateException if something came out wrong
   */
  static Speed of(CheckedDevice checked) {
    Device device = checked.device();
    try (Arena arena = Arena.ofConfined();
        DeviceContext context = device.open(ContextOptions.defaults())) {
      var bench = new Bench(context, arena, checked.quick() ? NANOS / 100 : NANOS / 5);
      Map<Integer, Double> products = new TreeMap<>();
      double flops = Double.POSITIVE_INFINITY;
      for (int n : checked.quick() ? QUICK_SIZES : SIZES) {
        double work = 2.0 * n * n * n;
        if (work / flops <= LONGEST_PRODUCT_SECONDS) {
          flops = work / bench.product(n);
          products.put(n, flops);
        }
      }
      Device.Capabilities can = device.capabilities();
      long room = Math.min(can.largestAllocation(), can.memoryBytes() / 8);
      long bytes = Math.min(room, checked.quick() ? 1L << 22 : 1L << 28) / 64 * 64;
      return bench.copies(products, bytes);
    }
  }

  /** Measures in a context, for at least {@code nanos} a round. */
  private record Bench(DeviceContext context, Arena arena, long nanos) {
    private static final int CHECKED_ELEMENTS = 64;

    /** Seconds of a product of two square matrices of {@code n} rows. */
    double product(int n) {
      float[] a = wholeNumbers(n, 1);
      float[] b = wholeNumbers(n, 2);
      long bytes = 4L * n * n;
      List<Region> regions = new ArrayList<>();
      try {
        for (int i = 0; i < 3; i++) {
          regions.add(context.allocate(bytes));
        }
        List<Buffer> buffers =
            regions.stream().map(region -> new Buffer(region, 0, bytes)).toList();
        upload(a, buffers.get(0));
        upload(b, buffers.get(1));
        Launch[] launch = {bind(new Gemm(DType.FLOAT32, 1, n, n, n, false, false), buffers)};
        double seconds = seconds(() -> context.submit(launch));
        check(n, a, b, buffers.get(2));
        context.release(launch[0]);
        return seconds;
      } finally {
        regions.forEach(context::free);
      }
    }

    private Launch bind(Gemm gemm, List<Buffer> buffers) {
      return context
          .bind(gemm, Optional.empty(), buffers)
          .orElseGet(
              () -> {
                Kernel.Abstracted kernel = gemm.kernel().abstracted();
                return context.bind(context.compile(kernel.structure()), buffers, kernel.sizes());
              });
    }

    /** From -2 to 2, so that every sum of products is exact. */
    private static float[] wholeNumbers(int n, long seed) {
      Random random = new Random(seed);
      float[] numbers = new float[n * n];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = random.nextInt(5) - 2;
      }
      return numbers;
    }

    private void upload(float[] numbers, Buffer target) {
      try (Arena host = Arena.ofConfined()) {
        context.upload(host.allocateFrom(ValueLayout.JAVA_FLOAT, numbers), target).await();
      }
    }

    private void check(int n, float[] a, float[] b, Buffer product) {
      try (Arena host = Arena.ofConfined()) {
        MemorySegment c = host.allocate(product.bytes(), 64);
        context.download(product, c).await();
        Random random = new Random(3);
        for (int i = 0; i < CHECKED_ELEMENTS; i++) {
          int row = random.nextInt(n);
          int column = random.nextInt(n);
          float expected = 0;
          for (int k = 0; k < n; k++) {
            expected += a[row * n + k] * b[k * n + column];
          }
          float actual = c.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * n + column);
          if (actual != expected) {
            throw new IllegalStateException(
                "element [%d, %d] of a product of %d rows is %s, expected %s"
                    .formatted(row, column, n, actual, expected));
          }
        }
      }
    }

    /** The speeds of copies of {@code bytes} bytes. */
    Speed copies(Map<Integer, Double> products, long bytes) {
      MemorySegment host = arena.allocate(bytes, 64);
      for (long i = 0; i < bytes / 8; i++) {
        host.setAtIndex(ValueLayout.JAVA_LONG, i, i * 0x9E3779B97F4A7C15L);
      }
      MemorySegment back = arena.allocate(bytes, 64);
      Region first = context.allocate(bytes);
      try {
        Region second = context.allocate(bytes);
        try {
          Buffer source = new Buffer(first, 0, bytes);
          Buffer target = new Buffer(second, 0, bytes);
          double upload = seconds(() -> context.upload(host, source).await());
          double copy = seconds(() -> context.copy(source, target));
          double download = seconds(() -> context.download(target, back).await());
          long different = host.mismatch(back);
          if (different >= 0) {
            throw new IllegalStateException(
                "%d bytes went to the device, were copied there and came back: byte %d differs"
                    .formatted(bytes, different));
          }
          return new Speed(products, bytes / upload, bytes / download, bytes / copy);
        } finally {
          context.free(second);
        }
      } finally {
        context.free(first);
      }
    }

    /** Seconds that one {@code submission} takes when there are enough of them for a round. */
    private double seconds(Runnable submission) {
      submission.run();
      synchronize();
      double best = Double.POSITIVE_INFINITY;
      int count = 1;
      for (int round = 0; round < ROUNDS; ) {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
          submission.run();
        }
        synchronize();
        long taken = System.nanoTime() - start;
        best = Math.min(best, taken / 1e9 / count);
        if (taken < nanos) {
          count *= 2;
        } else {
          round++;
        }
      }
      return best;
    }

    private void synchronize() {
      context
          .synchronize()
          .ifPresent(
              fault -> {
                throw new IllegalStateException("a check failed: " + fault);
              });
    }
  }
}
