package org.millrace.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.op.OpDef;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

class OpCasesTests {
  @Test
  void everyOperationHasACase() {
    Set<OpDef> covered = OpCases.all().stream().map(OpCase::op).collect(Collectors.toSet());
    covered.addAll(OpCases.withoutLowering());
    assertEquals(Set.of(), missing(CatalogProvider.declarations(), covered));
  }

  @Test
  void everyDifferentiableOperationHasASmoothCase() {
    Set<OpDef> covered = OpCases.smooth().stream().map(OpCase::op).collect(Collectors.toSet());
    // Asking for the gradient is an error; and what comes from outside of a plan is not lowered.
    covered.add(ControlOps.PREVENT_GRADIENT);
    covered.add(ConstantOps.PLACEHOLDER_WITH_DEFAULT);
    List<Declaration> differentiable =
        CatalogProvider.declarations().stream().filter(op -> op.gradient().isPresent()).toList();
    assertEquals(Set.of(), missing(differentiable, covered));
  }

  @Test
  void everyOperationSaysWhetherGradientsFlow() {
    List<String> silent =
        CatalogProvider.declarations().stream()
            .filter(op -> op.differentiable() && op.gradient().isEmpty())
            .map(OpDef::type)
            .toList();
    assertEquals(List.of("Mod"), silent, "as in TensorFlow");
  }

  @Test
  void everyOperationThatDevicesRunHasPlainCasesOfTwoShapes() {
    Map<String, Integer> plain = new TreeMap<>();
    for (OpCase one : OpCases.twoOfEach()) {
      if (!one.op().hostOnly()) {
        plain.merge(one.op().type(), OpCases.isPlain(one) ? 1 : 0, Integer::sum);
      }
    }
    plain.values().removeIf(count -> count == 2);
    assertEquals(Map.of(), plain);
  }

  private static Set<String> missing(List<Declaration> ops, Set<OpDef> covered) {
    return ops.stream()
        .filter(op -> !covered.contains(op))
        .map(OpDef::type)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @TestFactory
  Stream<DynamicTest> outputsAreAsExpected() {
    return OpCases.all().stream().map(one -> dynamicTest(one.toString(), () -> check(one)));
  }

  private static void check(OpCase one) {
    Operation op = one.build(new Graph()).operation();
    OpRun.Result result = OpRun.of(op, one.inputs());
    assertEquals(java.util.Optional.empty(), result.fault());
    compare(one, one.expected(), result.outputs());
    compare(one, one.updated(), result.updated());
    for (int i = 0; i < op.outputs().size(); i++) {
      Shape inferred = op.output(i).shape();
      Shape actual = result.outputs().get(i).shape();
      assertTrue(inferred.isCompatibleWith(actual), inferred + " was inferred, not " + actual);
    }
  }

  private static void compare(OpCase one, List<NDArray> expected, List<NDArray> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      NDArray wanted = expected.get(i);
      NDArray given = actual.get(i);
      assertTrue(
          one.tolerance().accepts(wanted, given),
          () ->
              "expected %s%n%s%ngot %s%n%s".formatted(wanted.spec(), wanted, given.spec(), given));
    }
  }
}
