package org.millrace.conformance;

import java.util.List;
import java.util.stream.Stream;
import org.millrace.kernel.Gemm;

/**
 * The kernels of the conformance kit, for backends to run ({@link KernelConformance}) and for code
 * generators to print.
 */
public final class KernelCases {
  private KernelCases() {}

  /** Every case. */
  public static List<KernelCase> all() {
    return Stream.of(scalars(), maps(), reductions(), stages(), control())
        .flatMap(List::stream)
        .toList();
  }

  /** Every scalar function on every type. */
  public static List<KernelCase> scalars() {
    return ScalarCases.all();
  }

  /** One stage without reductions: elementwise, broadcast, transpose, slice, pad, concat. */
  public static List<KernelCase> maps() {
    return MapCases.all();
  }

  /** One stage with reductions: of rows, columns, everything; windows; products of matrices. */
  public static List<KernelCase> reductions() {
    return ReductionCases.all();
  }

  /** Several stages over the same rows. */
  public static List<KernelCase> stages() {
    return StageCases.all();
  }

  /** Gathers, checks, loops, random bits. */
  public static List<KernelCase> control() {
    return ControlCases.all();
  }

  /** Products, alone and with tails. */
  public static List<ProductCase> products() {
    return ProductCases.all();
  }

  /** A product of small whole numbers, on which every order of accumulation gives the same bits. */
  public static ProductCase product(Gemm gemm) {
    return ProductCases.alone(gemm);
  }
}
