package org.millrace.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.millrace.kernel.Evaluator;
import org.millrace.kernel.Kernel;

/** The kit itself: its kernels are sound, and simplification does not change what they mean. */
class KernelCasesTests {
  static Stream<KernelCase> cases() {
    return KernelCases.all().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void structureComputesWhatTheKernelDoes(KernelCase kernelCase) {
    try (Arena arena = Arena.ofConfined()) {
      Kernel kernel = kernelCase.kernel();
      List<MemorySegment> asBuilt = KernelRun.memory(kernelCase, arena);
      List<MemorySegment> asCompiled = KernelRun.memory(kernelCase, arena);
      Kernel.Abstracted abstracted = kernel.abstracted();
      Optional<Evaluator.Fault> expected = Evaluator.run(kernel, asBuilt);
      Optional<Evaluator.Fault> actual =
          Evaluator.run(abstracted.structure(), asCompiled, abstracted.sizes());
      assertEquals(expected, actual);
      List<String> differences = new ArrayList<>();
      for (int k = 0; k < asBuilt.size(); k++) {
        Comparison.compare(
            k, kernel.operands().get(k), asBuilt.get(k), asCompiled.get(k), 0, differences);
      }
      assertEquals(List.of(), differences);
    }
  }

  @Test
  void namesAreUnique() {
    Set<String> names = new HashSet<>();
    cases().forEach(c -> assertTrue(names.add(c.name()), c.name()));
  }

  @Test
  void structuresAreFewEnoughForASlowCompiler() {
    Set<String> structures = new HashSet<>();
    cases().forEach(c -> structures.add(c.kernel().abstracted().structure().toString()));
    assertTrue(structures.size() <= 150, structures.size() + " structures");
  }
}
