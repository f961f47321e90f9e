package org.millrace.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceStatistics;
import org.millrace.device.Launch;
import org.millrace.device.Region;
import org.millrace.kernel.Gemm;
import org.millrace.tensor.DType;

/** Products have the bits of a plain loop, whatever the tile. */
class OpenClGemmTests {
  private static DeviceContext context;

  @BeforeAll
  static void open() {
    context = TestDevice.get().open(ContextOptions.defaults());
  }

  @AfterAll
  static void close() {
    if (context != null) {
      context.close();
      assertEquals(0, context.statistics().bytesInUse());
    }
  }

  @Test
  void allSizesOfOneStructureAreOneProgram() {
    DeviceStatistics before = context.statistics();
    long[][] sizes = {
      {1, 64, 64, 16}, {1, 128, 64, 48}, {3, 65, 63, 17}, {1, 61, 130, 1}, {2, 70, 100, 0}
    };
    for (long[] s : sizes) {
      check(new Gemm(DType.FLOAT32, s[0], s[1], s[2], s[3], false, false));
    }
    DeviceStatistics after = context.statistics();
    assertTrue(after.compilations() - before.compilations() <= 1);
    assertEquals(sizes.length, after.launches() - before.launches());
  }

  @Test
  void theGradientsOfALayer() {
    check(new Gemm(DType.FLOAT32, 1, 50, 70, 33, false, true));
    check(new Gemm(DType.FLOAT32, 2, 70, 65, 50, true, false));
  }

  @Test
  void fewRowsAndFewColumns() {
    check(new Gemm(DType.FLOAT32, 1, 7, 100, 35, false, false));
    check(new Gemm(DType.FLOAT32, 2, 33, 200, 18, false, false));
    check(new Gemm(DType.FLOAT32, 1, 1, 257, 40, false, false));
    check(new Gemm(DType.FLOAT32, 3, 100, 10, 35, false, false));
    check(new Gemm(DType.FLOAT32, 1, 257, 1, 40, false, false));
    check(new Gemm(DType.FLOAT32, 1, 1, 1, 1, false, false));
  }

  @Test
  void whatLiesBeyondTheEdgeTakesNoPart() {
    // An infinity or NaN in the next row would show if padding multiplied it.
    int m = 3;
    int k = 5;
    float[] a = new float[m * k + 1];
    float[] b = new float[k * 2 + 1];
    java.util.Arrays.fill(a, 1);
    java.util.Arrays.fill(b, 2);
    a[m * k] = Float.NaN;
    b[k * 2] = Float.POSITIVE_INFINITY;
    a[0] = Float.POSITIVE_INFINITY;
    float[] c = new float[m * 2];
    run(new Gemm(DType.FLOAT32, 1, m, 2, k, false, false), a, b, c);
    float inf = Float.POSITIVE_INFINITY;
    assertArrayEquals(new float[] {inf, inf, 10, 10, 10, 10}, c);
  }

  @Test
  void integersWrap() {
    int[] a = {Integer.MAX_VALUE, 3, -5, 7};
    int[] b = {2, 1 << 30, 9, 11};
    int[] c = new int[4];
    try (Buffers buffers = new Buffers(16, 16, 16)) {
      buffers.run(
          new Gemm(DType.INT32, 1, 2, 2, 2, false, false),
          MemorySegment.ofArray(a),
          MemorySegment.ofArray(b),
          MemorySegment.ofArray(c));
    }
    int[] expected = new int[4];
    for (int i = 0; i < 4; i++) {
      expected[i] = a[i / 2 * 2] * b[i % 2] + a[i / 2 * 2 + 1] * b[2 + i % 2];
    }
    assertArrayEquals(expected, c);
  }

  @Test
  void nothingIsLaunchedForAnEmptyResult() {
    long before = context.statistics().launches();
    run(
        new Gemm(DType.FLOAT32, 0, 4, 4, 4, false, false),
        new float[0],
        new float[0],
        new float[0]);
    run(
        new Gemm(DType.FLOAT32, 1, 0, 4, 4, false, false),
        new float[0],
        new float[16],
        new float[0]);
    assertEquals(before, context.statistics().launches());
  }

  @Test
  void bufferThatIsTooShortIsRefused() {
    Gemm gemm = new Gemm(DType.FLOAT32, 1, 4, 4, 4, false, false);
    try (Buffers buffers = new Buffers(64, 60, 64)) {
      var error = assertThrows(IllegalArgumentException.class, () -> buffers.bind(gemm));
      assertEquals(
          "operand 1 of the kernel needs 64 bytes, got a buffer of 60", error.getMessage());
    }
  }

  private static void check(Gemm gemm) {
    Random random = new Random(gemm.hashCode());
    float[] a = random(random, gemm.batch() * gemm.m() * gemm.k());
    float[] b = random(random, gemm.batch() * gemm.k() * gemm.n());
    float[] c = new float[(int) (gemm.batch() * gemm.m() * gemm.n())];
    java.util.Arrays.fill(c, Float.NaN);
    float[] expected = product(gemm, a, b);
    run(gemm, a, b, c);
    assertArrayEquals(expected, c, gemm.toString());
  }

  private static float[] random(Random random, long length) {
    float[] values = new float[(int) length];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  private static float[] product(Gemm gemm, float[] a, float[] b) {
    int m = (int) gemm.m();
    int n = (int) gemm.n();
    int k = (int) gemm.k();
    float[] c = new float[(int) gemm.batch() * m * n];
    for (int i = 0; i < c.length; i++) {
      int batch = i / (m * n);
      int row = i / n % m;
      int column = i % n;
      for (int inner = 0; inner < k; inner++) {
        float x = a[batch * m * k + (gemm.transposeA() ? inner * m + row : row * k + inner)];
        float y = b[batch * k * n + (gemm.transposeB() ? column * k + inner : inner * n + column)];
        c[i] = Math.fma(x, y, c[i]);
      }
    }
    return c;
  }

  private static void run(Gemm gemm, float[] a, float[] b, float[] c) {
    try (Buffers buffers = new Buffers(4L * a.length, 4L * b.length, 4L * c.length)) {
      buffers.run(
          gemm, MemorySegment.ofArray(a), MemorySegment.ofArray(b), MemorySegment.ofArray(c));
    }
  }

  /** The memory of a product. */
  private static final class Buffers implements AutoCloseable {
    private final Region region;
    private final Buffer a;
    private final Buffer b;
    private final Buffer c;

    Buffers(long bytesA, long bytesB, long bytesC) {
      long startB = aligned(bytesA);
      long startC = startB + aligned(bytesB);
      region = context.allocate(startC + bytesC);
      a = new Buffer(region, 0, bytesA);
      b = new Buffer(region, startB, bytesB);
      c = new Buffer(region, startC, bytesC);
    }

    private static long aligned(long bytes) {
      return Math.ceilDiv(bytes, 64L) * 64;
    }

    Launch bind(Gemm gemm) {
      return context.bind(gemm, Optional.empty(), List.of(a, b, c)).orElseThrow();
    }

    void run(Gemm gemm, MemorySegment x, MemorySegment y, MemorySegment z) {
      context.upload(x, a);
      context.upload(y, b);
      context.upload(z, c);
      context.submit(new Launch[] {bind(gemm)});
      assertTrue(context.synchronize().isEmpty());
      context.download(c, z).await();
    }

    @Override
    public void close() {
      context.free(region);
    }
  }
}
