package org.millrace.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.millrace.catalog.CatalogProvider;
import org.millrace.catalog.Declaration;
import org.millrace.catalog.Nodes;
import org.millrace.conformance.GradientConformance;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.session.Feeds;
import org.millrace.session.ReferenceDevice;
import org.millrace.session.Session;
import org.millrace.session.TestSessions;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * Every gradient of the catalog against central differences, in first and second order; and that
 * every operation has a gradient, or a reason why not.
 */
class OpGradientTests extends GradientConformance {
  /** The operations that pass no gradient, by the reason why that is right. */
  private static final Map<String, Set<String>> NOT_DIFFERENTIABLE =
      Map.of(
          "has no inputs that vary",
          Set.of("Const", "Placeholder", "NoOp", "VariableV2"),
          "draws random numbers, in which its inputs only set the shape or the bounds of integers",
          Set.of("RandomUniform", "RandomStandardNormal", "TruncatedNormal", "RandomUniformInt"),
          "is piecewise constant, so that its derivative is 0 wherever there is one",
          Set.of("Floor", "Ceil", "Rint", "Round", "FloorDiv"),
          "has a constant result whatever its input",
          Set.of("ZerosLike", "OnesLike"),
          "has bools as outputs",
          Set.of(
              "Equal",
              "NotEqual",
              "Less",
              "LessEqual",
              "Greater",
              "GreaterEqual",
              "LogicalAnd",
              "LogicalOr",
              "LogicalNot",
              "Any",
              "All",
              "IsVariableInitialized"),
          "has integers as outputs",
          Set.of(
              "ArgMax",
              "ArgMin",
              "Shape",
              "ShapeN",
              "Size",
              "Rank",
              "BroadcastGradientArgs",
              "InvertPermutation"),
          "takes scalars that are meant as integers (TensorFlow passes nothing either)",
          Set.of("Range"),
          "changes a variable",
          Set.of("Assign", "AssignAdd", "AssignSub", "ApplyGradientDescent", "ApplyMomentum"),
          "is there to stop gradients",
          Set.of("StopGradient"),
          "has texts or nothing as outputs",
          Set.of("PrintV2", "StringFormat", "Assert"));

  /** Differentiable in principle, with no gradient in TensorFlow either: asking is an error. */
  private static final Set<String> NO_GRADIENT_DEFINED = Set.of("Mod");

  /** Whose gradient is an error on purpose; {@code GradientsTests} has it. */
  private static final Set<String> REFUSES = Set.of("PreventGradient");

  private final ReferenceDevice cpu = new ReferenceDevice("CPU");

  @Override
  protected String deviceName() {
    return "/cpu:0";
  }

  @Override
  protected Session open(Graph graph) {
    return TestSessions.on(graph, cpu);
  }

  static List<GradientCase> cases() {
    return GradientCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsNeedNoShapes(GradientCase gradientCase) {
    Graph graph = new Graph();
    List<Tensor> xs =
        gradientCase.placeholders(Nodes.on(graph), DType.FLOAT64, _ -> Shape.unknown());
    List<Tensor> ys = gradientCase.build().apply(Nodes.on(graph), xs);
    List<NDArray> values = gradientCase.values(SEED);
    try (Session session = TestSessions.on(graph, new ReferenceDevice("CPU"))) {
      new NumericGradients(gradientCase.name(), session, xs, values, SEED).checkFirst(ys);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsHaveTheTypeAndShapeOfTheirInputs(GradientCase gradientCase) {
    List<NDArray> values = gradientCase.values(SEED);
    for (DType type : List.of(DType.FLOAT32, DType.FLOAT16)) {
      Graph graph = new Graph();
      List<Tensor> xs = gradientCase.placeholders(Nodes.on(graph), type, input -> input.shape());
      List<Tensor> ys = gradientCase.build().apply(Nodes.on(graph), xs);
      List<Optional<Tensor>> first = Gradients.of(ys, xs);
      List<Tensor> present = first.stream().flatMap(Optional::stream).toList();
      List<Optional<Tensor>> second = Gradients.of(present, xs);
      Map<Tensor, NDArray> feeds = new HashMap<>();
      for (int i = 0; i < xs.size(); i++) {
        feeds.put(xs.get(i), values.get(i).cast(type));
      }
      try (Session session = TestSessions.on(graph, new ReferenceDevice("CPU"))) {
        for (List<Optional<Tensor>> gradients : List.of(first, second)) {
          for (int i = 0; i < xs.size(); i++) {
            if (gradients.get(i).isPresent()) {
              NDArray value = session.run(gradients.get(i).get(), Feeds.of(feeds));
              assertEquals(values.get(i).cast(type).spec(), value.spec());
            }
          }
        }
      }
    }
  }

  @Test
  void everyDeclaredGradientIsChecked() {
    Set<String> checked = new HashSet<>();
    cases().forEach(each -> checked.addAll(typesBetween(each)));
    Set<String> unchecked =
        CatalogProvider.declarations().stream()
            .filter(declaration -> declaration.gradient().isPresent())
            .map(Declaration::type)
            .filter(type -> !checked.contains(type) && !REFUSES.contains(type))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(Set.of(), unchecked, "have a gradient that no case checks");
  }

  /** The types of the operations between the inputs of a case and its outputs. */
  private static Set<String> typesBetween(GradientCase gradientCase) {
    Graph graph = new Graph();
    List<Tensor> xs =
        gradientCase.placeholders(Nodes.on(graph), DType.FLOAT64, input -> input.shape());
    gradientCase.build().apply(Nodes.on(graph), xs);
    Set<String> types = new HashSet<>();
    Deque<Operation> open = new ArrayDeque<>();
    xs.forEach(x -> open.addAll(x.consumers()));
    while (!open.isEmpty()) {
      Operation op = open.poll();
      types.add(op.type());
      op.outputs().forEach(output -> open.addAll(output.consumers()));
    }
    return types;
  }

  @Test
  void everyOperationWithoutGradientHasAReason() {
    Set<String> silent =
        CatalogProvider.declarations().stream()
            .filter(declaration -> !declaration.differentiable())
            .map(Declaration::type)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> explained =
        NOT_DIFFERENTIABLE.values().stream()
            .flatMap(Set::stream)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(explained, silent);
    Set<String> undefined =
        CatalogProvider.declarations().stream()
            .filter(Declaration::differentiable)
            .filter(declaration -> declaration.gradient().isEmpty())
            .map(Declaration::type)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(NO_GRADIENT_DEFINED, undefined);
  }

  @Test
  void namesOfCasesAreUnique() {
    List<String> names = cases().stream().map(GradientCase::name).toList();
    assertEquals(names.size(), Set.copyOf(names).size(), Arrays.toString(names.toArray()));
  }
}
