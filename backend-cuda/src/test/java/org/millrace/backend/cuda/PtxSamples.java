package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.millrace.codegen.GemmTile;
import org.millrace.codegen.GridGemm;
import org.millrace.codegen.GridPlanner;
import org.millrace.codegen.GridProgram;
import org.millrace.conformance.KernelCase;
import org.millrace.conformance.KernelCases;
import org.millrace.conformance.ProductCase;
import org.millrace.conformance.SessionKernels;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.tensor.DType;

/** All that is printed somewhere: the conformance kit, every operation, a network, products. */
final class PtxSamples {
  private final List<Sample> samples = new ArrayList<>();
  private final Set<String> texts = new HashSet<>();

  /**
   * A program and its text.
   *
   * @param group what kind of kernel it is
   * @param entry its name in the text
   * @param kernel what it was planned from
   */
  record Sample(String group, String entry, String kernel, GridProgram program, String text) {
    /** Whether it is a matrix product of elements of 64 bits. */
    boolean isProductIn64Bits() {
      return group.startsWith("products") && program.buffers().getFirst().type().bytes() == 8;
    }
  }

  /** Programs of different texts, in a fixed order. */
  static List<Sample> all() {
    PtxSamples all = new PtxSamples();
    all.add("scalars", KernelCases.scalars());
    all.add("maps", KernelCases.maps());
    all.add("reductions", KernelCases.reductions());
    all.add("stages", KernelCases.stages());
    all.add("control", KernelCases.control());
    SessionKernels.network().values().forEach(kernel -> all.add("network", kernel));
    SessionKernels.operations().values().forEach(kernel -> all.add("operations", kernel));
    for (DType type : DType.values()) {
      if (GridGemm.serves(type)) {
        all.addProducts(type);
      }
    }
    for (ProductCase product : KernelCases.products()) {
      String group = product.tail().isPresent() ? "products with tails" : "products";
      all.add(group, GridGemm.of(product.gemm(), product.tail()).structure());
    }
    return all.samples;
  }

  private void add(String group, List<KernelCase> cases) {
    cases.forEach(one -> add(group, one.kernel().abstracted().structure()));
  }

  private void add(String group, Kernel structure) {
    add(group, structure.toString(), GridPlanner.plan(structure));
  }

  private void addProducts(DType type) {
    for (GemmTile tile : GemmTile.values()) {
      for (boolean a : new boolean[] {false, true}) {
        for (boolean b : new boolean[] {false, true}) {
          Gemm gemm = new Gemm(type, 2, 70, 70, 70, a, b);
          add("products", GridGemm.of(gemm, Optional.empty(), tile).structure());
        }
      }
    }
  }

  private void add(String group, GridGemm structure) {
    add(group, structure.toString(), GridPlanner.plan(structure));
  }

  private void add(String group, String kernel, GridProgram program) {
    String entry = "kernel" + samples.size();
    if (texts.add(PtxPrinter.print(program))) {
      samples.add(new Sample(group, entry, kernel, program, PtxPrinter.entry(program, entry)));
    }
  }
}
