package org.millrace.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.millrace.device.Buffer;
import org.millrace.device.CompiledKernel;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceStatistics;
import org.millrace.device.Event;
import org.millrace.device.Launch;
import org.millrace.device.Region;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.DType;

/**
 * What every backend must do with kernels, to the bit what the {@link
 * org.millrace.kernel.Evaluator} does. A backend has a subclass that names a device.
 *
 * <p>All cases share a context, which must hold no byte once it is closed. Types that the device
 * does not have are skipped, and the report says so.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class KernelConformance {
  private DeviceContext context;
  private KernelRun run;

  /** The device to test; a subclass without one aborts by an assumption that says why. */
  protected abstract Device device();

  /** The options with which contexts are opened. */
  protected ContextOptions options() {
    return ContextOptions.defaults();
  }

  /** Every how-manieth kernel is run: 1 for all of them, more if they cost the device too much. */
  protected int stride() {
    return 1;
  }

  @BeforeAll
  void open() {
    context = device().open(options());
    run = new KernelRun(context);
  }

  @AfterAll
  void closedContextHoldsNoByte() {
    if (context != null) {
      context.close();
      assertEquals(0, context.statistics().bytesInUse(), "bytes in use after close");
    }
  }

  @TestFactory
  Stream<DynamicTest> scalarFunctionsAgreeWithTheEvaluator() {
    return tests(KernelCases.scalars());
  }

  @TestFactory
  Stream<DynamicTest> mapsAgreeWithTheEvaluator() {
    return tests(KernelCases.maps());
  }

  @TestFactory
  Stream<DynamicTest> reductionsAgreeWithTheEvaluator() {
    return tests(KernelCases.reductions());
  }

  @TestFactory
  Stream<DynamicTest> kernelsOfSeveralStagesAgreeWithTheEvaluator() {
    return tests(KernelCases.stages());
  }

  @TestFactory
  Stream<DynamicTest> checksAndLoopsAgreeWithTheEvaluator() {
    return tests(KernelCases.control());
  }

  private Stream<DynamicTest> tests(List<KernelCase> cases) {
    return IntStream.iterate(0, i -> i < cases.size(), i -> i + stride())
        .mapToObj(cases::get)
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> test(c)));
  }

  private void requireTypes(KernelCase kernelCase) {
    for (DType type : kernelCase.types()) {
      assumeTrue(
          device().capabilities().supports(type),
          () -> device().description() + " has no " + type + ": " + kernelCase + " is skipped");
    }
  }

  private void test(KernelCase kernelCase) {
    requireTypes(kernelCase);
    List<String> differences = run.differences(kernelCase);
    assertEquals(
        List.of(),
        differences,
        () -> kernelCase + "\n" + kernelCase.kernel().abstracted().structure());
  }

  @Test
  void launchesAreCounted() {
    try (Counter counter = new Counter(100)) {
      DeviceStatistics before = context.statistics();
      context.submit(new Launch[] {counter.launch, counter.launch});
      context.submit(new Launch[] {counter.launch});
      context.synchronize();
      assertEquals(3, context.statistics().launches() - before.launches());
    }
  }

  @Test
  void launchesRunInTheOrderOfSubmission() {
    try (Counter counter = new Counter(1000)) {
      Launch[] launches = new Launch[20];
      Arrays.fill(launches, counter.launch);
      context.submit(launches);
      context.submit(launches);
      assertEquals(Optional.empty(), context.synchronize());
      int[] expected = IntStream.range(0, 1000).map(k -> k + 40).toArray();
      assertArrayEquals(expected, counter.values());
    }
  }

  @Test
  void submittingAllocatesNoDeviceMemory() {
    try (Counter counter = new Counter(100)) {
      context.submit(new Launch[] {counter.launch});
      context.synchronize();
      DeviceStatistics before = context.statistics();
      context.submit(new Launch[] {counter.launch});
      context.synchronize();
      assertEquals(before.allocations(), context.statistics().allocations());
      assertEquals(before.bytesInUse(), context.statistics().bytesInUse());
    }
  }

  @Test
  void oneStructureServesAllSizes() {
    DeviceStatistics before;
    try (Counter first = new Counter(10)) {
      before = context.statistics();
      assertEquals(1, first.values()[1]);
    }
    for (int n : new int[] {2, 11, 4099}) {
      try (Counter counter = new Counter(n)) {
        context.submit(new Launch[] {counter.launch});
        context.synchronize();
        assertEquals(n, counter.values()[n - 1]);
      }
    }
    assertEquals(before.compilations(), context.statistics().compilations());
  }

  @Test
  void faultIsReportedOnceAndNamesTheFirstLaunch() {
    KernelCase failing =
        KernelCases.control().stream()
            .filter(c -> c.name().contains("out of range at 0"))
            .findFirst()
            .orElseThrow();
    assertEquals(List.of(), run.differences(failing));
    assertEquals(Optional.empty(), context.synchronize());
    assertEquals(List.of(), run.differences(failing));
  }

  @TestFactory
  Stream<DynamicTest> libraryProductsOfWholeNumbersAreExact() {
    return KernelCases.products().stream()
        .map(product -> DynamicTest.dynamicTest(product.toString(), () -> test(product)));
  }

  /** A product with a tail for which there is no library is a kernel like any other. */
  private void test(ProductCase product) {
    requireTypes(product.kernel());
    Optional<List<String>> differences = run.differences(product);
    boolean folds = product.tail().isPresent() && device().foldsTails(product.gemm());
    assertTrue(differences.isPresent() || !folds, () -> device().description() + " folds none");
    assumeTrue(
        differences.isPresent() || product.tail().isPresent(),
        () -> device().description() + " has no library for " + product);
    assertEquals(List.of(), differences.orElseGet(() -> run.differences(product.kernel())));
  }

  @Test
  void copiesMoveBytesWithinTheDevice() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(3000);
      MemorySegment target = arena.allocate(3000);
      for (int k = 0; k < 3000; k++) {
        source.set(ValueLayout.JAVA_BYTE, k, (byte) (k * 7));
      }
      Region a = context.allocate(4096);
      Region b = context.allocate(4096);
      try {
        context.upload(source, new Buffer(a, 0, 3000)).await();
        Event copied = context.copy(new Buffer(a, 0, 3000), new Buffer(b, 1024, 3000));
        copied.await();
        context.download(new Buffer(b, 1024, 3000), target).await();
        assertEquals(-1, source.mismatch(target));
      } finally {
        context.free(a);
        context.free(b);
      }
    }
  }

  @Test
  void freedRegionsAreNoLongerInUse() {
    long before = context.statistics().bytesInUse();
    Region region = context.allocate(100_000);
    assertEquals(true, context.statistics().bytesInUse() - before >= 100_000);
    context.free(region);
    assertEquals(before, context.statistics().bytesInUse());
  }

  @Test
  void contextThatIsClosedWithRegionsOpenHoldsNoByte() {
    DeviceContext other = device().open(options());
    other.allocate(1 << 16);
    other.allocate(1);
    other.close();
    other.close();
    assertEquals(0, other.statistics().bytesInUse());
  }

  @Test
  void useAfterCloseIsAnIllegalState() {
    DeviceContext other = device().open(options());
    Region region = other.allocate(1024);
    Buffer buffer = new Buffer(region, 0, 16);
    Kernel.Abstracted abstracted = increment(4).abstracted();
    CompiledKernel kernel = other.compile(abstracted.structure());
    List<Buffer> operands = List.of(buffer, buffer);
    Launch launch = other.bind(kernel, operands, abstracted.sizes());
    other.close();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(16);
      assertThrows(IllegalStateException.class, () -> other.allocate(16));
      assertThrows(IllegalStateException.class, () -> other.free(region));
      assertThrows(IllegalStateException.class, () -> other.upload(host, buffer));
      assertThrows(IllegalStateException.class, () -> other.download(buffer, host));
      assertThrows(IllegalStateException.class, () -> other.compile(abstracted.structure()));
      assertThrows(
          IllegalStateException.class, () -> other.bind(kernel, operands, abstracted.sizes()));
      assertThrows(IllegalStateException.class, () -> other.submit(new Launch[] {launch}));
      assertThrows(IllegalStateException.class, other::synchronize);
    }
  }

  /** {@code y[i] = x[i] + 1} on int32. */
  private static Kernel increment(int n) {
    Sketch sketch = new Sketch("increment", n);
    Expr x = sketch.load(sketch.in(DType.INT32, n), Sketch.i(0));
    Expr next = Scalar.add(x, Scalar.integer(DType.INT32, 1));
    int out = sketch.out(DType.INT32, n);
    return sketch.stage(new long[0], Sketch.store(out, next, Sketch.i(0))).done().kernel();
  }

  /** The numbers from 0, and a launch that adds 1 to each in place. */
  private final class Counter implements AutoCloseable {
    private final int n;
    private final Region region;
    private final Buffer buffer;
    final Launch launch;

    Counter(int n) {
      this.n = n;
      region = context.allocate(4L * n);
      buffer = new Buffer(region, 0, 4L * n);
      try (Arena arena = Arena.ofConfined()) {
        int[] values = IntStream.range(0, n).toArray();
        MemorySegment host = arena.allocateFrom(ValueLayout.JAVA_INT, values);
        context.upload(host, buffer).await();
      }
      Kernel.Abstracted abstracted = increment(n).abstracted();
      CompiledKernel kernel = run.compile(abstracted.structure());
      launch = context.bind(kernel, List.of(buffer, buffer), abstracted.sizes());
    }

    int[] values() {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment host = arena.allocate(4L * n, 4);
        context.download(buffer, host).await();
        return host.toArray(ValueLayout.JAVA_INT);
      }
    }

    @Override
    public void close() {
      context.free(region);
    }
  }
}
