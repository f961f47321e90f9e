package org.millrace.catalog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.OperationBuilder;
import org.millrace.graph.Tensor;
import org.millrace.op.ArgSpec;
import org.millrace.op.OpDef;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * One operation with given inputs, and the outputs that are expected of it, which do not come from
 * its lowering.
 *
 * @param title says what is special about it
 * @param arguments for each argument of the operation an {@link NDArray}, or a list of them
 * @param expected the outputs
 * @param updated what the variables among the inputs become, in order; empty if there are none
 * @param smooth whether it is differentiable here, with float64 inputs, so that its gradients can
 *     be checked by differences
 */
public record OpCase(
    String title,
    OpDef op,
    List<Object> arguments,
    Map<String, Object> attributes,
    List<NDArray> expected,
    List<NDArray> updated,
    Tolerance tolerance,
    boolean smooth) {

  /** The node in a graph, its inputs fed. */
  public record Node(
      Operation operation, Map<Tensor, NDArray> feeds, List<Operation> initializers) {}

  /** Starts a case. */
  public static Builder of(OpDef op) {
    return new Builder(op);
  }

  /** Adds the node to a graph: host inputs are constants, variables variables, others are fed. */
  public Node build(Graph graph) {
    return build(graph, true);
  }

  /**
   * As {@link #build(Graph)}.
   *
   * @param knownShapes whether the graph knows the shapes of what is fed
   */
  public Node build(Graph graph, boolean knownShapes) {
    Map<Tensor, NDArray> feeds = new LinkedHashMap<>();
    List<Operation> initializers = new ArrayList<>();
    OperationBuilder builder = graph.operation(op, "node");
    for (int i = 0; i < arguments.size(); i++) {
      ArgSpec spec = op.inputs().get(i);
      List<Tensor> tensors = new ArrayList<>();
      for (NDArray value : values(arguments.get(i))) {
        tensors.add(input(Nodes.on(graph), spec, value, knownShapes, feeds, initializers));
      }
      builder = spec.isList() ? builder.inputs(tensors) : builder.input(tensors.getFirst());
    }
    attributes.forEach(builder::attr);
    return new Node(builder.build(), feeds, initializers);
  }

  /** The inputs, those of lists one by one. */
  public List<NDArray> inputs() {
    return arguments.stream().flatMap(argument -> values(argument).stream()).toList();
  }

  /** The types of the inputs and outputs. */
  Set<DType> types() {
    return tensors().map(NDArray::dtype).collect(Collectors.toSet());
  }

  /** The shapes of the inputs and outputs. */
  List<Shape> shapes() {
    return tensors().map(NDArray::shape).toList();
  }

  private Stream<NDArray> tensors() {
    return Stream.concat(inputs().stream(), expected.stream());
  }

  /** The case with its float64 numbers rounded to float32. */
  OpCase inFloat32() {
    Map<String, Object> narrow = new LinkedHashMap<>(attributes);
    narrow.replaceAll((_, value) -> value == DType.FLOAT64 ? DType.FLOAT32 : value);
    return each("float32", narrow, x -> x.dtype() == DType.FLOAT64 ? x.cast(DType.FLOAT32) : x);
  }

  /** The case of an elementwise operation, its vectors repeated to a shape, its scalars kept. */
  OpCase repeatedTo(Shape shape) {
    return each("of " + shape, attributes, x -> x.rank() == 0 ? x : Data.repeated(x, shape));
  }

  /** The case with {@code f} of each array. */
  private OpCase each(String what, Map<String, Object> settings, UnaryOperator<NDArray> f) {
    List<Object> changed = new ArrayList<>();
    for (Object argument : arguments) {
      List<NDArray> values = values(argument).stream().map(f).toList();
      changed.add(argument instanceof NDArray ? values.getFirst() : values);
    }
    return new OpCase(
        title.isEmpty() ? what : title + ", " + what,
        op,
        changed,
        settings,
        expected.stream().map(f).toList(),
        updated.stream().map(f).toList(),
        tolerance,
        false);
  }

  private static List<NDArray> values(Object argument) {
    return argument instanceof NDArray one
        ? List.of(one)
        : ((List<?>) argument).stream().map(NDArray.class::cast).toList();
  }

  private static Tensor input(
      Nodes g,
      ArgSpec spec,
      NDArray value,
      boolean knownShapes,
      Map<Tensor, NDArray> feeds,
      List<Operation> initializers) {
    if (spec.host()) {
      return g.constant(value);
    }
    if (spec.reference()) {
      Tensor variable =
          g.operation(StateOps.VARIABLE_V2, "variable")
              .attr("shape", value.shape())
              .attr("dtype", value.dtype())
              .build()
              .output(0);
      initializers.add(g.assign(variable, g.constant(value)).op());
      return variable;
    }
    Tensor placeholder =
        g.placeholder(value.dtype(), knownShapes ? value.shape() : Shape.unknown());
    feeds.put(placeholder, value);
    return placeholder;
  }

  @Override
  public String toString() {
    return op.type() + (title.isEmpty() ? "" : ": " + title);
  }

  /** Gathers a case. */
  public static final class Builder {
    private final OpDef op;
    private final List<Object> arguments = new ArrayList<>();
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private List<NDArray> updated = List.of();
    private String title = "";
    private Tolerance tolerance = Tolerance.EXACT;
    private boolean smooth;

    private Builder(OpDef op) {
      this.op = op;
    }

    /** The next arguments. */
    public Builder in(NDArray... values) {
      arguments.addAll(List.of(values));
      return this;
    }

    /** The next argument, which is a list. */
    public Builder list(NDArray... values) {
      arguments.add(List.of(values));
      return this;
    }

    /** An attribute. */
    public Builder attr(String name, Object value) {
      attributes.put(name, value);
      return this;
    }

    /** What is special about it. */
    public Builder title(String text) {
      title = text;
      return this;
    }

    /** How close the outputs must be. */
    public Builder within(Tolerance allowed) {
      tolerance = allowed;
      return this;
    }

    /** Its gradients can be checked by differences. */
    public Builder smooth() {
      smooth = true;
      return this;
    }

    /** What the variables become. */
    public Builder updates(NDArray... values) {
      updated = List.of(values);
      return this;
    }

    /** The case with the outputs that are expected. */
    public OpCase gives(NDArray... outputs) {
      return new OpCase(
          title, op, arguments, attributes, List.of(outputs), updated, tolerance, smooth);
    }
  }
}
