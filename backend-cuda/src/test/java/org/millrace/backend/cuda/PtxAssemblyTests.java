package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.codegen.GemmTile;
import org.millrace.codegen.GridGemm;
import org.millrace.codegen.GridPlanner;
import org.millrace.codegen.GridProgram;
import org.millrace.conformance.KernelCases;
import org.millrace.kernel.Kernel;
import org.millrace.tensor.DType;

/** NVIDIA's compiler accepts what is printed, for each architecture. */
class PtxAssemblyTests {
  private static final Map<String, GridProgram> PROGRAMS = new LinkedHashMap<>();

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
        GridGemm gemm =
            new GridGemm(DType.FLOAT32, (transposes & 1) != 0, (transposes & 2) != 0, tile);
        PROGRAMS.put(gemm.toString(), GridPlanner.plan(gemm));
      }
    }
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
        assertEquals(0, usage.stack(), () -> usage + " of " + name);
        assertEquals(0, usage.spillStores() + usage.spillLoads(), () -> usage + " of " + name);
      }
    }
  }
}
