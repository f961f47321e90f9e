package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.DeviceContext;
import org.millrace.device.Launch;
import org.millrace.device.NativeLibraries;
import org.millrace.kernel.Gemm;
import org.millrace.tensor.DType;

/** Products by a library, for which a column-major one in Java stands in: cuBLAS is not here. */
class CudaBlasTests {
  private final SoftwareGpu gpu = SoftwareGpu.of(1);
  private int open;
  private int calls;

  @AfterEach
  void nothingIsLeft() {
    gpu.requireNothingLeft();
    assertEquals(0, open, "handles of the library");
  }

  /** Computes as {@link ColumnMajor} says, without a thought for rows. */
  private final class InJava implements CudaBlas {
    @Override
    public String description() {
      return "column-major products in Java";
    }

    @Override
    public boolean serves(Gemm gemm) {
      return gemm.type() == DType.FLOAT32 && ColumnMajor.fits(gemm);
    }

    @Override
    public Handle open(CudaDriver.Stream stream) {
      open++;
      return new Handle() {
        @Override
        public void multiply(Gemm gemm, long a, long b, long c) {
          calls++;
          product(gemm, a, b, c, stream);
        }

        @Override
        public void close() {
          open--;
        }
      };
    }
  }

  private void product(Gemm gemm, long a, long b, long c, CudaDriver.Stream stream) {
    ColumnMajor sizes = ColumnMajor.of(gemm);
    int batch = (int) gemm.batch();
    float[] first = download(b, batch * sizes.strideB(), stream);
    float[] second = download(a, batch * sizes.strideA(), stream);
    float[] result = new float[(int) (batch * sizes.strideC())];
    for (int i = 0; i < batch; i++) {
      for (int column = 0; column < sizes.columns(); column++) {
        for (int row = 0; row < sizes.rows(); row++) {
          float sum = 0;
          for (int k = 0; k < sizes.inner(); k++) {
            int left = gemm.transposeB() ? row * sizes.leadingB() + k : k * sizes.leadingB() + row;
            int right =
                gemm.transposeA() ? k * sizes.leadingA() + column : column * sizes.leadingA() + k;
            sum +=
                first[(int) (i * sizes.strideB()) + left]
                    * second[(int) (i * sizes.strideA()) + right];
          }
          result[(int) (i * sizes.strideC()) + column * sizes.rows() + row] = sum;
        }
      }
    }
    MemorySegment pinned = gpu.allocateHost(4L * result.length);
    pinned.copyFrom(MemorySegment.ofArray(result));
    gpu.upload(c, pinned, stream);
    gpu.synchronize(stream);
    gpu.freeHost(pinned);
  }

  private float[] download(long address, long count, CudaDriver.Stream stream) {
    MemorySegment pinned = gpu.allocateHost(4 * count);
    gpu.download(pinned, address, stream);
    gpu.synchronize(stream);
    float[] values = pinned.toArray(ValueLayout.JAVA_FLOAT);
    gpu.freeHost(pinned);
    return values;
  }

  private DeviceContext context() {
    CudaDevice device =
        (CudaDevice)
            SoftwareDevices.provider(gpu, Optional.of(new InJava()))
                .discover()
                .devices()
                .getFirst();
    return device.open(ContextOptions.defaults());
  }

  private static Buffer upload(DeviceContext context, float[] values) {
    Buffer buffer = new Buffer(context.allocate(4L * values.length), 0, 4L * values.length);
    context.upload(MemorySegment.ofArray(values), buffer);
    return buffer;
  }

  private static float[] wholeNumbers(long count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(9) - 4;
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({
    "1,3,5,7,false,false",
    "1,3,5,7,true,false",
    "2,3,5,7,false,true",
    "3,4,1,2,true,true"
  })
  void libraryIsGivenTheRowMajorProduct(
      long batch, long m, long n, long k, boolean transposeA, boolean transposeB) {
    Gemm gemm = new Gemm(DType.FLOAT32, batch, m, n, k, transposeA, transposeB);
    float[] a = wholeNumbers(batch * m * k, 1);
    float[] b = wholeNumbers(batch * k * n, 2);
    float[] expected = new float[(int) (batch * m * n)];
    for (int i = 0; i < expected.length; i++) {
      int which = (int) (i / (m * n));
      int row = (int) (i / n % m);
      int column = (int) (i % n);
      for (int inner = 0; inner < k; inner++) {
        long left = which * m * k + (transposeA ? inner * m + row : row * k + inner);
        long right = which * k * n + (transposeB ? column * k + inner : inner * n + column);
        expected[i] += a[(int) left] * b[(int) right];
      }
    }
    float[] actual = new float[expected.length];
    try (DeviceContext context = context()) {
      Buffer c = new Buffer(context.allocate(4L * actual.length), 0, 4L * actual.length);
      List<Buffer> operands = List.of(upload(context, a), upload(context, b), c);
      Launch launch = context.bind(gemm, Optional.empty(), operands).orElseThrow();
      context.submit(new Launch[] {launch});
      context.download(c, MemorySegment.ofArray(actual)).await();
      assertEquals(1, context.statistics().launches());
      assertEquals(0, context.statistics().compilations());
    }
    assertArrayEquals(expected, actual);
    assertEquals(1, calls);
  }

  @Test
  void whatTheLibraryDoesNotServeIsOurs() {
    try (DeviceContext context = context()) {
      Gemm empty = new Gemm(DType.FLOAT32, 1, 2, 2, 0, false, false);
      Buffer c = upload(context, new float[] {9, 9, 9, 9});
      Buffer none = new Buffer(context.allocate(0), 0, 0);
      Launch launch = context.bind(empty, Optional.empty(), List.of(none, none, c)).orElseThrow();
      context.submit(new Launch[] {launch});
      float[] result = new float[4];
      context.download(c, MemorySegment.ofArray(result)).await();
      assertArrayEquals(new float[4], result);
    }
    assertEquals(0, calls);
  }

  @Test
  void bufferThatIsTooShortIsRefused() {
    try (DeviceContext context = context()) {
      Buffer a = upload(context, new float[16]);
      Gemm gemm = new Gemm(DType.FLOAT32, 1, 4, 4, 4, false, false);
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () -> context.bind(gemm, Optional.empty(), List.of(a, a.slice(0, 60), a)));
      assertEquals(
          "operand 1 of the kernel needs 64 bytes, got a buffer of 60", error.getMessage());
    }
  }

  @Test
  void withoutTheLibraryTheNotesSayWhatIsUsedInstead() {
    // The driver is looked for first, so this asks the part that is left.
    assertEquals(
        "matrix products by Millrace's own kernels: libNoSuchBlas.so.12 not found",
        CudaInstallation.blas(List.of("libNoSuchBlas.so.12")).note());
    assumeTrue(
        NativeLibraries.find(List.of("libcublas.so.12")).isEmpty(),
        "NOT RUN: this machine has cuBLAS, so that JCublas loads");
    for (int i = 0; i < 2; i++) {
      CudaInstallation.Blas other = CudaInstallation.blas(List.of("libc.so.6"));
      assertEquals(Optional.empty(), other.library());
      String note = other.note();
      assertTrue(
          note.startsWith("matrix products by Millrace's own kernels: JCublas cannot"), note);
      assertTrue(note.contains("libcublas.so.12: cannot open shared object file"), note);
    }
  }
}
