package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceException;
import org.millrace.device.KernelCompileException;
import org.millrace.device.Launch;
import org.millrace.device.OutOfDeviceMemoryException;
import org.millrace.device.Region;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

/** What a context does on two GPUs that do their work as late as they may. */
class CudaContextTests {
  private static final int COUNT = 1000;
  private static final long BYTES = 4L * COUNT;

  private final SoftwareGpu gpu = SoftwareGpu.of(2);
  private final CudaDevice device = SoftwareDevices.device(gpu, 0);

  @AfterEach
  void nothingIsLeft() {
    gpu.requireNothingLeft();
  }

  private DeviceContext open() {
    return device.open(ContextOptions.defaults());
  }

  /** {@code y[i] = x[i] + 1} on int32. */
  private static Kernel.Abstracted increment() {
    Expr i = new Expr.Index(0);
    Expr x = new Expr.Load(0, DType.INT32, List.of(i));
    Expr next = Scalar.add(x, Scalar.integer(DType.INT32, 1));
    List<Expr> extents = List.of(new Expr.Size(COUNT));
    return new Kernel(
            extents,
            List.of(
                new Operand(DType.INT32, extents, Operand.Access.READ),
                new Operand(DType.INT32, extents, Operand.Access.WRITE)),
            List.of(new Stage(List.of(), List.of(), List.of(new Stage.Store(1, List.of(i), next)))))
        .abstracted();
  }

  private static Launch[] increment(DeviceContext context, Buffer from, Buffer to) {
    Kernel.Abstracted kernel = increment();
    var compiled = context.compile(kernel.structure());
    return new Launch[] {context.bind(compiled, List.of(from, to), kernel.sizes())};
  }

  private static Buffer buffer(DeviceContext context, long bytes) {
    return new Buffer(context.allocate(bytes), 0, bytes);
  }

  private static MemorySegment numbers(int value) {
    int[] numbers = new int[COUNT];
    Arrays.fill(numbers, value);
    return MemorySegment.ofArray(numbers);
  }

  private static void assertNumbers(int value, MemorySegment actual) {
    assertArrayEquals(
        numbers(value).toArray(ValueLayout.JAVA_INT), actual.toArray(ValueLayout.JAVA_INT));
  }

  @Test
  void warmStepAllocatesNothingAndWaitsOnce() {
    try (DeviceContext context = open()) {
      Buffer x = buffer(context, BYTES);
      Buffer y = buffer(context, BYTES);
      Launch[] step = increment(context, x, y);
      MemorySegment result = numbers(0);
      for (int i = 0; i < 3; i++) {
        gpu.resetCounters();
        context.upload(numbers(i), x);
        context.submit(step);
        context.download(y, result);
        context.synchronize();
        assertNumbers(i + 1, result);
      }
      GpuCounters counters = gpu.counters();
      assertEquals(0, counters.allocations);
      assertEquals(0, counters.hostAllocations);
      assertEquals(1, counters.synchronizations);
      assertEquals(1, counters.launches);
      assertEquals(BYTES, counters.uploadedBytes);
      assertEquals(BYTES, counters.downloadedBytes);
      assertEquals(0, counters.clears + counters.copies);
      context.synchronize();
      assertEquals(1, counters.synchronizations, "there was nothing to wait for");
    }
  }

  @Test
  void uploadWaitsForTheKernelsThatReadWhatItReplaces() {
    try (DeviceContext context = open()) {
      Buffer x = buffer(context, BYTES);
      Buffer y = buffer(context, BYTES);
      Launch[] step = increment(context, x, y);
      context.upload(numbers(5), x);
      context.submit(step);
      context.upload(numbers(7), x);
      MemorySegment result = numbers(0);
      context.download(y, result).await();
      assertNumbers(6, result);
      context.submit(step);
      context.download(y, result).await();
      assertNumbers(8, result);
    }
  }

  @Test
  void whatADownloadReadsIsNotWrittenBefore() {
    try (DeviceContext context = open()) {
      Buffer x = buffer(context, BYTES);
      Launch[] step = increment(context, x, x);
      context.upload(numbers(1), x);
      MemorySegment first = numbers(0);
      MemorySegment second = numbers(0);
      MemorySegment third = numbers(0);
      context.download(x, first);
      context.submit(step);
      context.download(x, second);
      context.upload(numbers(9), x);
      context.download(x, third);
      context.synchronize();
      assertNumbers(1, first);
      assertNumbers(2, second);
      assertNumbers(9, third);
    }
  }

  @Test
  void memoryIsGivenBackAfterTheCopiesThatReadIt() {
    try (DeviceContext context = open()) {
      Region region = context.allocate(BYTES);
      context.upload(numbers(3), new Buffer(region, 0, BYTES));
      MemorySegment result = numbers(0);
      context.download(new Buffer(region, 0, BYTES), result);
      context.free(region);
      context.upload(numbers(4), buffer(context, BYTES));
      context.synchronize();
      assertNumbers(3, result);
    }
  }

  @Test
  void copiesLargerThanTheStagingMemoryArrive() {
    long bytes = 2 * CudaStaging.SLAB_BYTES + 4;
    byte[] source = new byte[(int) bytes];
    for (int i = 0; i < source.length; i++) {
      source[i] = (byte) (i * 31 >> 3);
    }
    try (DeviceContext context = open();
        Arena arena = Arena.ofConfined()) {
      Buffer x = buffer(context, bytes);
      context.upload(MemorySegment.ofArray(source), x);
      byte[] onHeap = new byte[source.length];
      context.download(x, MemorySegment.ofArray(onHeap)).await();
      assertArrayEquals(source, onHeap);
      MemorySegment outside = arena.allocate(bytes);
      outside.copyFrom(MemorySegment.ofArray(source).asSlice(0, bytes)).fill((byte) 7);
      context.upload(outside, x).await();
      outside.fill((byte) 0);
      context.download(x, outside).await();
      assertEquals(7, outside.get(ValueLayout.JAVA_BYTE, bytes - 1));
    }
  }

  @Test
  void sourcesThatAreStagedMayBeReusedAtOnce() {
    try (DeviceContext context = open()) {
      Buffer x = buffer(context, BYTES);
      int[] source = new int[COUNT];
      int[] sums = new int[40];
      for (int i = 0; i < sums.length; i++) {
        Arrays.fill(source, i);
        context.upload(MemorySegment.ofArray(source), x);
        context.download(x.slice(0, 4), MemorySegment.ofArray(sums).asSlice(4L * i, 4));
      }
      Arrays.fill(source, -1);
      context.synchronize();
      for (int i = 0; i < sums.length; i++) {
        assertEquals(i, sums[i]);
      }
    }
  }

  @Test
  void copiesBetweenDevicesKeepTheOrderOfBoth() {
    // As a session has them: both of one driver.
    CudaDevice there = SoftwareDevices.device(gpu, 1);
    try (DeviceContext from = open();
        DeviceContext to = there.open(ContextOptions.defaults())) {
      assertTrue(to.reaches(from));
      assertFalse(to.reaches(to));
      Buffer x = buffer(from, BYTES);
      Buffer y = buffer(to, BYTES);
      Launch[] before = increment(from, x, x);
      Launch[] after = increment(to, y, y);
      from.upload(numbers(1), x);
      from.submit(before);
      to.copyFrom(from, x, y);
      from.submit(before); // must not overtake the copy
      from.upload(numbers(100), x);
      to.submit(after);
      MemorySegment result = numbers(0);
      to.download(y, result).await();
      assertNumbers(3, result);
      from.download(x, result).await();
      assertNumbers(100, result);
      assertEquals(1, gpu.counters().peerCopies);
      assertThrows(IllegalArgumentException.class, () -> to.copyFrom(from, x, buffer(to, 4)));
      assertThrows(IllegalArgumentException.class, () -> to.copyFrom(from, y, y));
    }
  }

  @Test
  void twoSessionsOnOneDeviceShareNothingButIt() {
    DeviceContext first = open();
    try (DeviceContext second = open()) {
      Buffer x = buffer(first, BYTES);
      Buffer y = buffer(second, BYTES);
      first.upload(numbers(1), x);
      second.upload(numbers(2), y);
      Launch[] ofFirst = increment(first, x, x);
      Launch[] ofSecond = increment(second, y, y);
      first.submit(ofFirst);
      second.submit(ofSecond);
      assertThrows(IllegalArgumentException.class, () -> second.submit(ofFirst));
      assertThrows(IllegalArgumentException.class, () -> second.upload(numbers(1), x));
      var kernel = first.compile(increment().structure());
      assertThrows(
          IllegalArgumentException.class,
          () -> second.bind(kernel, List.of(y, y), increment().sizes()));
      MemorySegment result = numbers(0);
      first.download(x, result).await();
      assertNumbers(2, result);
      first.close();
      second.download(y, result).await();
      assertNumbers(3, result);
    } finally {
      first.close();
    }
  }

  @Test
  void closingWaitsForWhatIsUnderWay() {
    DeviceContext context = open();
    Buffer x = buffer(context, BYTES);
    context.upload(numbers(1), x);
    context.submit(increment(context, x, x));
    MemorySegment result = numbers(0);
    context.download(x, result);
    context.close();
    assertNumbers(2, result);
  }

  @Test
  void contextThatIsClosedWhileAnotherThreadUsesItEndsThatUse() throws InterruptedException {
    DeviceContext context = open();
    Buffer x = buffer(context, BYTES);
    Launch[] step = increment(context, x, x);
    context.upload(numbers(0), x);
    Throwable[] end = new Throwable[1];
    Thread user =
        new Thread(
            () -> {
              try {
                while (true) {
                  context.submit(step);
                  context.synchronize();
                }
              } catch (Throwable e) {
                end[0] = e;
              }
            });
    user.start();
    while (context.statistics().launches() < 10) {
      Thread.onSpinWait();
    }
    context.close();
    user.join();
    assertEquals(IllegalStateException.class, end[0].getClass(), () -> end[0].toString());
  }

  @Test
  void whatEndsTheContextOfTheDeviceIsSaidInEveryCall() {
    DeviceContext context = open();
    Buffer x = buffer(context, BYTES);
    context.upload(numbers(0), x);
    Launch[] step = increment(context, x, x);
    gpu.fail(Injection.Point.KERNEL, 1);
    context.submit(step);
    var error = assertThrows(DeviceException.class, context::synchronize);
    String text = "what this process holds on the GPU is lost";
    assertTrue(error.getMessage().contains("CUDA_ERROR_LAUNCH_FAILED"), error.getMessage());
    assertTrue(error.getMessage().contains(text), error.getMessage());
    error = assertThrows(DeviceException.class, () -> context.submit(step));
    assertTrue(error.getMessage().contains(text), error.getMessage());
    error = assertThrows(DeviceException.class, context::close);
    assertTrue(error.getMessage().contains(text), error.getMessage());
    context.close();
    assertEquals(0, context.statistics().bytesInUse());
    useAll(); // a software GPU has a sound context again; a driver may have none
  }

  @Test
  void memoryThatTheDeviceDoesNotHaveIsRefusedInWords() {
    SoftwareGpu small = SoftwareGpu.of(1, 1 << 20, true);
    try (DeviceContext context = SoftwareDevices.device(small, 0).open(ContextOptions.defaults())) {
      Region held = context.allocate(1 << 19);
      var error = assertThrows(OutOfDeviceMemoryException.class, () -> context.allocate(1 << 19));
      assertEquals(1 << 19, error.requested());
      assertTrue(
          error
              .getMessage()
              .matches(".* has no room for 524288 bytes: .* are free, 524288 are in use"),
          error.getMessage());
      context.free(held);
      context.free(context.allocate(1 << 19));
    }
    small.requireNothingLeft();
  }

  @Test
  void kernelThatTheDriverRefusesIsShownWithItsLog() {
    CudaDriver crooked =
        (CudaDriver)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {CudaDriver.class},
                (_, method, arguments) -> {
                  if (method.getName().equals("load")) {
                    arguments[0] = ((String) arguments[0]).replace("ret;", "return;");
                  }
                  try {
                    return method.invoke(gpu, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    CudaDevice wrong =
        new CudaDevice(crooked, Optional.empty(), 0, 0, device.properties(), device.version());
    try (DeviceContext context = wrong.open(ContextOptions.defaults())) {
      var error =
          assertThrows(
              KernelCompileException.class, () -> context.compile(increment().structure()));
      String text = error.getMessage();
      assertTrue(text.contains("CUDA_ERROR_INVALID_PTX"), text);
      assertTrue(text.contains("'return'"), text); // the log
      assertTrue(text.contains("ADD %0, 1:int32"), text); // the kernel
      assertTrue(text.contains("   1  .version"), text); // the source
    }
  }

  /** Opens, copies, compiles, launches, waits and closes. */
  private void useAll() {
    try (DeviceContext context = open()) {
      Buffer x = buffer(context, BYTES);
      Buffer y = buffer(context, BYTES);
      context.upload(numbers(1), x);
      context.submit(increment(context, x, y));
      context.copy(y, x);
      context.submit(
          new Launch[] {
            context
                .bind(
                    new Gemm(DType.INT32, 1, 1, 1, COUNT, false, false),
                    Optional.empty(),
                    List.of(x, y, x.slice(0, 4)))
                .orElseThrow()
          });
      context.download(x, numbers(0));
      context.synchronize();
    }
  }

  @ParameterizedTest
  @EnumSource(Injection.Point.class)
  void failureOfAnyCallIsReportedAndLeavesNothing(Injection.Point point) {
    int failures = 0;
    for (int nth = 1; ; nth++) {
      gpu.fail(point, nth);
      try {
        useAll();
        break; // there are fewer such calls
      } catch (DeviceException e) {
        assertTrue(e.getMessage().contains("injected"), e.getMessage());
        failures++;
      } finally {
        gpu.injection.clear();
      }
      gpu.requireNothingLeft();
    }
    assertTrue(failures > 0, "nothing failed");
    useAll();
  }
}
