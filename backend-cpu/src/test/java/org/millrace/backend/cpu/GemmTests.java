package org.millrace.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.Launch;
import org.millrace.kernel.Gemm;
import org.millrace.tensor.DType;

class GemmTests {
  private static final CpuDevice DEVICE = new CpuDevice();
  private static final long[][] SIZES = {
    {1, 1, 1},
    {1, 7, 13},
    {7, 1, 5},
    {5, 3, 1},
    {0, 3, 4},
    {3, 0, 4},
    {3, 4, 0},
    {4, 16, 8},
    {17, 31, 23},
    {64, 64, 64},
    {97, 101, 257},
    {131, 1031, 29},
    {13, 67, 521},
    {200, 96, 512},
  };

  private enum Engine {
    TINY,
    SCALAR,
    VECTOR,
    OPENBLAS;

    ProductEngine open() {
      return switch (this) {
        case TINY -> TinyProduct.INSTANCE;
        case SCALAR -> new JavaProduct(false);
        case VECTOR -> {
          assumeTrue(JavaProduct.hasVectorModule(), "no module jdk.incubator.vector");
          yield new JavaProduct(true);
        }
        case OPENBLAS -> {
          try {
            yield OpenBlas.load();
          } catch (Throwable e) {
            yield abort("OpenBLAS cannot be loaded: " + e);
          }
        }
      };
    }
  }

  /** An engine that is used for the smallest products, too. */
  private record Always(ProductEngine engine) implements ProductEngine {
    @Override
    public void multiply(
        DType type,
        boolean transposeA,
        boolean transposeB,
        int m,
        int n,
        int k,
        long a,
        int lda,
        long b,
        int ldb,
        long c,
        int ldc) {
      engine.multiply(type, transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc);
    }

    @Override
    public long tiny() {
      return 0;
    }

    @Override
    public String description() {
      return engine.description();
    }
  }

  @ParameterizedTest
  @EnumSource
  void productsAgreeWithSumsOfDoubles(Engine which) {
    ProductEngine engine = new Always(which.open());
    for (long[] size : SIZES) {
      for (int variant = 0; variant < 8; variant++) {
        DType type = (variant & 4) == 0 ? DType.FLOAT32 : DType.FLOAT64;
        boolean transposeA = (variant & 1) != 0;
        boolean transposeB = (variant & 2) != 0;
        long batch = size[0] < 64 ? 3 : 1;
        check(new Gemm(type, batch, size[0], size[1], size[2], transposeA, transposeB), engine, 3);
      }
    }
    check(new Gemm(DType.FLOAT32, 0, 3, 4, 5, false, false), engine, 2);
    check(new Gemm(DType.FLOAT32, 37, 33, 34, 35, false, true), engine, 2);
    check(new Gemm(DType.FLOAT64, 2, 129, 130, 131, true, false), engine, 4);
  }

  private static void check(Gemm gemm, ProductEngine engine, int threads) {
    double[] a = random(gemm.batch() * gemm.m() * gemm.k(), 1);
    double[] b = random(gemm.batch() * gemm.k() * gemm.n(), 2);
    double[] result = product(gemm, engine, threads, a, b);
    double ulp = gemm.type() == DType.FLOAT32 ? Math.ulp(1f) : Math.ulp(1d);
    double bound = (gemm.k() + 1) * ulp;
    for (long x = 0; x < gemm.batch(); x++) {
      for (long i = 0; i < gemm.m(); i++) {
        for (long j = 0; j < gemm.n(); j++) {
          double expected = sum(gemm, a, b, x, i, j);
          double actual = result[(int) ((x * gemm.m() + i) * gemm.n() + j)];
          assertTrue(
              Math.abs(expected - actual) <= bound,
              () -> "%s: %s, expected %s".formatted(gemm, actual, expected));
        }
      }
    }
  }

  private static double sum(Gemm gemm, double[] a, double[] b, long x, long i, long j) {
    long m = gemm.m();
    long n = gemm.n();
    long k = gemm.k();
    double sum = 0;
    for (long p = 0; p < k; p++) {
      long atA = x * m * k + (gemm.transposeA() ? p * m + i : i * k + p);
      long atB = x * k * n + (gemm.transposeB() ? j * k + p : p * n + j);
      sum += a[(int) atA] * b[(int) atB];
    }
    return sum;
  }

  /** Numbers that are exact in float32. */
  private static double[] random(long length, long seed) {
    Random random = new Random(seed);
    double[] values = new double[(int) length];
    Arrays.setAll(values, _ -> random.nextFloat() * 2 - 1);
    return values;
  }

  /** The result, which has NaN before and a guard behind. */
  private static double[] product(
      Gemm gemm, ProductEngine engine, int threads, double[] a, double[] b) {
    int length = (int) (gemm.batch() * gemm.m() * gemm.n());
    ContextOptions options = new ContextOptions(Long.MAX_VALUE, threads, false, false);
    try (CpuContext context = (CpuContext) DEVICE.open(options)) {
      double[] c = new double[length + 16];
      Arrays.fill(c, Double.NaN);
      Arrays.fill(c, length, length + 16, 42);
      long addressA = memory(context, gemm.type(), a);
      long addressB = memory(context, gemm.type(), b);
      long addressC = memory(context, gemm.type(), c);
      Launch launch =
          new GemmLaunch(context, 0, gemm, engine, addressA, addressB, addressC, threads);
      context.submit(new Launch[] {launch});
      double[] result = read(gemm.type(), addressC, length + 16);
      for (int k = length; k < length + 16; k++) {
        assertEquals(42, result[k], () -> gemm + " wrote behind its result");
      }
      return Arrays.copyOf(result, length);
    }
  }

  private static long memory(CpuContext context, DType type, double[] values) {
    CpuRegion region = (CpuRegion) context.allocate((long) type.bytes() * values.length);
    for (int k = 0; k < values.length; k++) {
      if (type == DType.FLOAT32) {
        Memory.setFloat(region.address() + 4L * k, (float) values[k]);
      } else {
        Memory.setDouble(region.address() + 8L * k, values[k]);
      }
    }
    return region.address();
  }

  private static double[] read(DType type, long address, int length) {
    double[] values = new double[length];
    for (int k = 0; k < length; k++) {
      values[k] =
          type == DType.FLOAT32
              ? Memory.getFloat(address + 4L * k)
              : Memory.getDouble(address + 8L * k);
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource
  void theSameBitsEveryTime(Engine which) {
    ProductEngine engine = which.open();
    Gemm gemm = new Gemm(DType.FLOAT32, 1, 150, 170, 190, false, false);
    double[] a = random(150 * 190, 5);
    double[] b = random(190 * 170, 6);
    double[] first = product(gemm, engine, 2, a, b);
    for (int repeat = 0; repeat < 5; repeat++) {
      assertArrayEquals(first, product(gemm, engine, 2, a, b));
    }
  }

  @Test
  void otherTypesHaveNoLibrary() {
    try (CpuContext context = (CpuContext) DEVICE.open(ContextOptions.defaults())) {
      Buffer buffer = new Buffer(context.allocate(64), 0, 64);
      for (DType type : DType.values()) {
        Gemm gemm = new Gemm(type, 1, 1, 1, 1, false, false);
        Optional<Launch> launch =
            context.bind(gemm, Optional.empty(), List.of(buffer, buffer, buffer));
        assertEquals(type == DType.FLOAT32 || type == DType.FLOAT64, launch.isPresent());
      }
    }
  }
}
