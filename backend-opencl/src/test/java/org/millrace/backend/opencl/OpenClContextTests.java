package org.millrace.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceFault;
import org.millrace.device.Launch;
import org.millrace.device.OutOfDeviceMemoryException;
import org.millrace.device.Region;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.DType;

class OpenClContextTests {
  private static final ContextOptions LIMITED = new ContextOptions(1 << 20, 0, false, false);
  private DeviceContext context;

  @BeforeEach
  void open() {
    context = TestDevice.get().open(LIMITED);
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
      assertEquals(0, context.statistics().bytesInUse());
    }
  }

  @Test
  void productsAndSumsAreNotContracted() {
    // (1 + 2^-12)^2 rounds to 1 + 2^-11; contracted, its remainder 2^-24 would come out.
    Kernel.Abstracted kernel =
        Kernels.map(
            DType.FLOAT32,
            1,
            x -> Scalar.sub(Scalar.mul(x, x), Scalar.constant(DType.FLOAT32, 1 + 0x1p-11)));
    float[] x = {1 + 0x1p-12f};
    Buffer in = buffer(4);
    Buffer out = buffer(4);
    context.upload(MemorySegment.ofArray(x), in);
    run(kernel, in, out);
    float[] y = {1};
    context.download(out, MemorySegment.ofArray(y)).await();
    assertEquals(0f, y[0]);
  }

  @Test
  void theFaultOfTheFirstLaunchIsReportedWithItsLowestElement() {
    Kernel.Abstracted kernel = Kernels.checked(1000, 7);
    Buffer in = buffer(8000);
    Buffer fine = buffer(8000);
    Buffer out = buffer(8000);
    long[] values = new long[1000];
    context.upload(MemorySegment.ofArray(values), fine);
    values[999] = -3;
    values[700] = -2;
    values[701] = -1;
    context.upload(MemorySegment.ofArray(values), in);
    Launch good = bind(kernel, fine, out);
    Launch bad = bind(kernel, in, out);
    Launch later = bind(kernel, in, out);
    context.submit(new Launch[] {good, bad, later});
    assertEquals(Optional.of(new DeviceFault(bad.id(), 7, 700, -2)), context.synchronize());
    assertEquals(Optional.empty(), context.synchronize());
    context.submit(new Launch[] {good});
    assertEquals(Optional.empty(), context.synchronize());
    context.submit(new Launch[] {later, bad});
    assertEquals(Optional.of(new DeviceFault(later.id(), 7, 700, -2)), context.synchronize());
  }

  @Test
  void smallSourcesMayBeReusedAtOnce() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(256);
      Buffer target = buffer(256 * 100);
      for (int i = 0; i < 100; i++) {
        source.fill((byte) i);
        context.upload(source, target.slice(256L * i, 256));
      }
      source.fill((byte) -1);
      byte[] bytes = new byte[256 * 100];
      context.download(target, MemorySegment.ofArray(bytes)).await();
      for (int i = 0; i < bytes.length; i++) {
        assertEquals((byte) (i / 256), bytes[i]);
      }
    }
  }

  @Test
  void sourcesOnTheHeapMayBeReusedAtOnce() {
    byte[] source = new byte[100_000];
    Buffer target = buffer(source.length);
    for (int i = 0; i < 20; i++) {
      java.util.Arrays.fill(source, (byte) i);
      context.upload(MemorySegment.ofArray(source), target);
    }
    java.util.Arrays.fill(source, (byte) 77);
    byte[] bytes = new byte[source.length];
    context.download(target, MemorySegment.ofArray(bytes)).await();
    java.util.Arrays.fill(source, (byte) 19);
    assertArrayEquals(source, bytes);
  }

  @Test
  void nothingIsLaunchedForNoElements() {
    run(Kernels.map(DType.FLOAT32, 0, Scalar::neg), buffer(0), buffer(0));
    assertEquals(0, context.statistics().launches());
  }

  @Test
  void moreThanTheLimitIsRefusedInWords() {
    Region held = context.allocate(1 << 19);
    var error =
        assertThrows(OutOfDeviceMemoryException.class, () -> context.allocate((1 << 19) + 1));
    assertEquals((1 << 19) + 1, error.requested());
    assertTrue(
        error.getMessage().contains("the limit is 1048576 bytes, 524288 are in use"),
        error.getMessage());
    context.free(held);
    context.free(context.allocate(1 << 20));
    assertEquals(1 << 20, context.statistics().peakBytes());
  }

  @Test
  void bufferThatIsTooShortIsRefused() {
    Kernel.Abstracted kernel = Kernels.map(DType.FLOAT32, 10, Scalar::neg);
    Buffer whole = buffer(40);
    var error =
        assertThrows(IllegalArgumentException.class, () -> bind(kernel, whole, whole.slice(0, 36)));
    assertEquals("operand 1 of the kernel needs 40 bytes, got a buffer of 36", error.getMessage());
  }

  @Test
  void freedRegionIsRefused() {
    Region region = context.allocate(64);
    context.free(region);
    assertThrows(IllegalArgumentException.class, () -> context.free(region));
    Buffer buffer = new Buffer(region, 0, 64);
    assertThrows(
        IllegalArgumentException.class,
        () -> context.upload(MemorySegment.ofArray(new byte[64]), buffer));
    Kernel.Abstracted kernel = Kernels.map(DType.FLOAT32, 10, Scalar::neg);
    assertThrows(IllegalArgumentException.class, () -> bind(kernel, buffer, buffer));
  }

  @Test
  void launchesAndKernelsOfAnotherContextAreRefused() {
    Kernel.Abstracted kernel = Kernels.map(DType.FLOAT32, 10, Scalar::neg);
    Buffer buffer = buffer(40);
    Launch launch = bind(kernel, buffer, buffer);
    try (DeviceContext other = TestDevice.get().open(LIMITED)) {
      assertThrows(IllegalArgumentException.class, () -> other.submit(new Launch[] {launch}));
      var program = context.compile(kernel.structure());
      assertThrows(
          IllegalArgumentException.class,
          () -> other.bind(program, List.of(buffer, buffer), kernel.sizes()));
    }
  }

  private void run(Kernel.Abstracted kernel, Buffer in, Buffer out) {
    context.submit(new Launch[] {bind(kernel, in, out)});
    assertEquals(Optional.empty(), context.synchronize());
  }

  private Launch bind(Kernel.Abstracted kernel, Buffer in, Buffer out) {
    return context.bind(context.compile(kernel.structure()), List.of(in, out), kernel.sizes());
  }

  private Buffer buffer(long bytes) {
    return new Buffer(context.allocate(bytes), 0, bytes);
  }
}
