package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.codegen.GemmTile;
import org.millrace.codegen.GridGemm;
import org.millrace.codegen.GridPlanner;
import org.millrace.codegen.GridProgram;
import org.millrace.conformance.KernelCases;
import org.millrace.conformance.ProductCase;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.tensor.DType;

/** NVIDIA's compiler accepts what is printed, for each architecture. */
class PtxAssemblyTests {
  /** Bytes of the stack that a product with a tail may take: ptxas spares registers for sm_80. */
  private static final int STACK_OF_A_TAIL = 16;

  private static final Map<String, GridProgram> PROGRAMS = new LinkedHashMap<>();
  private static final Set<String> WITH_TAILS = new HashSet<>();

  @BeforeAll
  static void plan() {
    KernelCases.all()
        .forEach(
            one -> {
              Kernel structure = one.kernel().abstracted().structure();
              PROGRAMS.computeIfAbsent(structure.toString(), _ -> GridPlanner.plan(structure));
            });
    for (GemmTile tile : GemmTile.values()) {
      for (int transposes = 0; transposes < 4; transposes++) {
        Gemm gemm =
            new Gemm(DType.FLOAT32, 2, 70, 70, 70, (transposes & 1) != 0, (transposes & 2) != 0);
        plan(GridGemm.of(gemm, Optional.empty(), tile).structure());
      }
    }
    for (ProductCase product : KernelCases.products()) {
      GridGemm structure = GridGemm.of(product.gemm(), product.tail()).structure();
      plan(structure);
      product.tail().ifPresent(_ -> WITH_TAILS.add(structure.toString()));
    }
  }

  private static void plan(GridGemm structure) {
    PROGRAMS.computeIfAbsent(structure.toString(), _ -> GridPlanner.plan(structure));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sm_50", "sm_70", "sm_80", "sm_90"})
  void everyKernelIsAssembledAndFloat32KernelsDoNotSpill(String architecture) {
    StringBuilder entries = new StringBuilder();
    List<String> names = List.copyOf(PROGRAMS.keySet());
    for (int i = 0; i < names.size(); i++) {
      entries.append(PtxPrinter.entry(PROGRAMS.get(names.get(i)), "kernel" + i));
    }
    List<PtxCompiler.Usage> usages =
        PtxCompiler.compile(PtxPrinter.module(entries.toString()), architecture);
    assertEquals(names.size(), usages.size());
    for (PtxCompiler.Usage usage : usages) {
      String name = names.get(Integer.parseInt(usage.entry().substring("kernel".length())));
      if (!PROGRAMS.get(name).uses(DType.FLOAT64)) {
        int allowed = WITH_TAILS.contains(name) ? STACK_OF_A_TAIL : 0;
        assertTrue(usage.stack() <= allowed, () -> usage + " of " + name);
        if (allowed == 0) {
          assertEquals(0, usage.spillStores() + usage.spillLoads(), () -> usage + " of " + name);
        }
      }
    }
  }
}
