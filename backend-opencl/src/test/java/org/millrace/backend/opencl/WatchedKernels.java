package org.millrace.backend.opencl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.millrace.conformance.KernelCase;
import org.millrace.conformance.KernelCases;
import org.millrace.conformance.KernelRun;
import org.millrace.conformance.ProductCase;
import org.millrace.device.ContextOptions;
import org.millrace.device.DeviceContext;
import org.millrace.kernel.Gemm;
import org.millrace.tensor.DType;

/**
 * The program that {@link OclgrindTests} runs under the simulator: conformance cases of each class
 * of kernels, each operand in a region of its own.
 */
final class WatchedKernels {
  /** What the program prints when all cases have run. */
  static final String END = "All cases have run.";

  private static final List<String> CASES =
      List.of(
          "map over [31, 33]",
          "one-hot",
          "broadcast over [3, 5]",
          "broadcast over five axes",
          "pad of [3, 5]",
          "concat of rows of 5 and 7",
          "gather by int32 in range",
          "gather by int32 out of range at 2 and 4",
          "reductions of rows float32[5, 67]",
          "reductions of rows float32[3, 1000]",
          "reductions of columns float32[67, 5]",
          "reductions of all of float32[13, 79]",
          "check of the sums of rows, the first bad one 29",
          "softmax of float32[3, 10]",
          "softmax through memory of [3, 10]",
          "moments of [3, 10]",
          "nested loops",
          "binary search",
          "random bits, 1003");

  /** One for each kind of tile. */
  private static final List<Gemm> PRODUCTS =
      List.of(
          new Gemm(DType.FLOAT32, 1, 70, 10, 35, false, false),
          new Gemm(DType.FLOAT32, 2, 7, 70, 18, true, false),
          new Gemm(DType.FLOAT32, 1, 65, 66, 17, false, true));

  private WatchedKernels() {}

  /**
   * Runs the cases and prints what is wrong.
   *
   * @param arguments the simulator's log
   */
  public static void main(String[] arguments) throws IOException {
    Path log = Path.of(arguments[0]);
    try (DeviceContext context = Oclgrind.device().open(ContextOptions.defaults())) {
      KernelRun run = KernelRun.watched(context);
      List<KernelCase> all = KernelCases.all();
      for (String name : CASES) {
        watch(name, log, () -> run.differences(find(all, name)));
      }
      KernelCase small =
          KernelCases.product(new Gemm(DType.FLOAT32, 3, 5, 7, 40, true, true)).kernel();
      watch("product without tiles", log, () -> run.differences(small));
      for (Gemm gemm : PRODUCTS) {
        ProductCase product = KernelCases.product(gemm);
        watch(gemm.toString(), log, () -> run.differences(product).orElseThrow());
      }
      ProductCase tail =
          KernelCases.products().stream()
              .filter(
                  product -> product.tail().isPresent() && product.gemm().equals(PRODUCTS.get(1)))
              .findFirst()
              .orElseThrow();
      watch(tail.toString(), log, () -> run.differences(tail).orElseThrow());
    }
    System.out.println(END);
  }

  private static KernelCase find(List<KernelCase> all, String name) {
    return all.stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  private static void watch(String name, Path log, Supplier<List<String>> run) throws IOException {
    long before = Files.size(log);
    run.get().forEach(difference -> System.out.println(name + ": " + difference));
    if (Files.size(log) > before) {
      System.out.println(name + ": the simulator reports something");
    }
  }
}
