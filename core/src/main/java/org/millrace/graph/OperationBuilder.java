package org.millrace.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.millrace.device.DeviceSpec;
import org.millrace.op.ArgSpec;
import org.millrace.op.AttrSpec;
import org.millrace.op.Attributes;
import org.millrace.op.OpDef;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/**
 * Gathers one operation: the generic door to a graph, on which everything else stands. Inputs are
 * given in the order of the definition's arguments, a list argument by one call of {@link #inputs}.
 */
public final class OperationBuilder {
  private final Graph graph;
  private final OpDef def;
  private final String name;
  private final List<List<Tensor>> arguments = new ArrayList<>();
  private final List<Operation> controlInputs = new ArrayList<>();
  private final Map<String, Object> attributes = new LinkedHashMap<>();
  private final List<Operation> colocated = new ArrayList<>();
  private Optional<DeviceSpec> device = Optional.empty();

  OperationBuilder(Graph graph, OpDef def, String name) {
    this.graph = graph;
    this.def = def;
    this.name = name == null ? def.type() : name;
  }

  /** A node that has been checked but not added. */
  record Draft(
      OpDef def,
      String name,
      List<Tensor> inputs,
      List<Operation> controlInputs,
      Attributes attributes,
      List<Output> outputs) {}

  /** An output of a draft. */
  record Output(DType dtype, Shape shape, boolean reference) {}

  /** The next argument; of a variable its value, or the variable itself where that is needed. */
  public OperationBuilder input(TensorLike input) {
    arguments.add(List.of(tensor(input)));
    return this;
  }

  /** The next argument, which takes any number of tensors. */
  public OperationBuilder inputs(List<? extends TensorLike> inputs) {
    arguments.add(inputs.stream().map(this::tensor).toList());
    return this;
  }

  private Tensor tensor(TensorLike input) {
    int number = arguments.size();
    Optional<ArgSpec> spec =
        number < def.inputs().size() ? Optional.of(def.inputs().get(number)) : Optional.empty();
    if (input == null) {
      throw new OpException(
          "Input %s of %s '%s' is a tensor, got null"
              .formatted(
                  spec.map(arg -> "'" + arg.name() + "'").orElse("number " + number),
                  def.type(),
                  displayName()));
    }
    return input instanceof Variable variable && spec.filter(ArgSpec::reference).isPresent()
        ? variable.ref()
        : input.asTensor();
  }

  /** An operation that must have run before. */
  public OperationBuilder controlInput(GraphElement input) {
    controlInputs.add(input.op());
    return this;
  }

  /** An attribute. */
  public OperationBuilder attr(String attribute, Object value) {
    attributes.put(attribute, value);
    return this;
  }

  /**
   * The device that is asked for, merged with those of the scopes.
   *
   * @throws IllegalArgumentException if the string is malformed
   */
  public OperationBuilder device(String spec) {
    device = Optional.of(DeviceSpec.parse(spec));
    return this;
  }

  /** Puts it on the device of {@code element}. */
  public OperationBuilder colocateWith(GraphElement element) {
    colocated.add(element.op());
    return this;
  }

  /**
   * Checks the operation against its definition, infers its outputs and adds it to the graph.
   *
   * @throws OpException if it does not fit; then nothing is added
   * @throws IllegalStateException if the graph is finalized
   */
  public Operation build() {
    graph.checkNotFinalized();
    Scopes scopes = graph.scopes();
    checkArguments();
    Signatures signature = new Signatures(this);
    Map<String, Object> values = signature.attributes(attributes);
    List<Scopes.Colocation> colocations = colocations(scopes);
    List<String> groups = groups(colocations);
    if (!groups.isEmpty()) {
      values.put(Operation.COLOCATION, groups);
    }
    Attributes complete = new Attributes(values);
    List<Tensor> inputs = flat();
    Draft draft =
        new Draft(def, name, inputs, controlInputs, complete, infer(inputs, complete, signature));
    controlInputs.forEach(this::requireSameGraph);
    colocated.forEach(this::requireSameGraph);
    Operation op = graph.add(draft, BuildSites.current());
    applyDevices(op, scopes, colocations);
    return op;
  }

  /** With whom it shares a device: what scopes and callers ask for, and variables it changes. */
  private List<Scopes.Colocation> colocations(Scopes scopes) {
    List<Scopes.Colocation> all = new ArrayList<>(scopes.colocated);
    colocated.forEach(op -> all.add(Scopes.Colocation.with(op)));
    changed().forEach(variable -> all.add(Scopes.Colocation.with(variable.op())));
    return all;
  }

  /** The inputs that are variables themselves. */
  private List<Tensor> changed() {
    List<Tensor> variables = new ArrayList<>();
    for (int i = 0; i < def.inputs().size(); i++) {
      if (def.inputs().get(i).reference()) {
        variables.addAll(arguments.get(i));
      }
    }
    return variables;
  }

  private List<String> groups(List<Scopes.Colocation> colocations) {
    Set<String> groups = new TreeSet<>();
    if (attributes.get(Operation.COLOCATION) instanceof List<?> given) {
      given.forEach(group -> groups.add(group.toString()));
    }
    colocations.forEach(colocation -> groups.addAll(colocation.groups()));
    return List.copyOf(groups);
  }

  /** What is asked for, from the inside out; but with another operation the device is its own. */
  private void applyDevices(Operation op, Scopes scopes, List<Scopes.Colocation> colocations) {
    DeviceSpec spec = device.orElse(DeviceSpec.empty());
    op.setDevice(spec);
    boolean bound = !colocated.isEmpty() || !changed().isEmpty();
    for (var chooser : bound ? List.<Function<Operation, String>>of() : scopes.devices.reversed()) {
      String text = chooser.apply(op);
      if (text != null) {
        spec = spec.merge(DeviceSpec.parse(text));
        op.setDevice(spec);
      }
    }
    for (Scopes.Colocation colocation : colocations) {
      if (!colocation.device().isEmpty()) {
        op.setDevice(colocation.device());
      }
    }
  }

  private List<Output> infer(List<Tensor> inputs, Attributes complete, Signatures signature) {
    List<Output> outputs = signature.outputs(complete);
    if (outputs.isEmpty()) {
      return outputs;
    }
    List<Shape> shapes;
    try {
      shapes = def.inference().infer(new ConstantValues.Node(inputs, complete));
    } catch (OpException e) {
      String given =
          inputs.stream()
              .map(input -> input.shape().toRuntimeString())
              .collect(Collectors.joining(", "));
      throw new OpException(
          "%s for '%s' (op: '%s') with input shapes: %s."
              .formatted(e.getMessage(), displayName(), def.type(), given),
          e);
    }
    if (shapes.size() != outputs.size()) {
      throw new IllegalStateException(
          "the inference of '%s' gave %d shapes for %d outputs"
              .formatted(def.type(), shapes.size(), outputs.size()));
    }
    List<Output> inferred = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      inferred.add(new Output(outputs.get(i).dtype(), shapes.get(i), outputs.get(i).reference()));
    }
    return inferred;
  }

  private void checkArguments() {
    List<ArgSpec> specs = def.inputs();
    if (arguments.size() != specs.size()) {
      throw new OpException(
          "%s '%s' takes %d inputs %s, got %d"
              .formatted(
                  def.type(),
                  displayName(),
                  specs.size(),
                  specs.stream().map(ArgSpec::name).toList(),
                  arguments.size()));
    }
    for (int i = 0; i < specs.size(); i++) {
      ArgSpec spec = specs.get(i);
      if (!spec.isList() && arguments.get(i).size() != 1) {
        throw new OpException(
            "Input '%s' of %s '%s' is one tensor, got %d"
                .formatted(spec.name(), def.type(), displayName(), arguments.get(i).size()));
      }
      for (Tensor tensor : arguments.get(i)) {
        requireSameGraph(tensor);
        if (spec.reference() && !tensor.isReference()) {
          throw new OpException(
              "Input '%s' of '%s' Op requires l-value input: %s '%s' got %s, which is not a variable"
                  .formatted(spec.name(), def.type(), def.type(), displayName(), tensor));
        }
      }
    }
  }

  private void requireSameGraph(GraphElement element) {
    if (element.graph() != graph) {
      throw new OpException(
          "%s must be from the same graph as %s '%s' (it was built at %s)."
              .formatted(element, def.type(), displayName(), element.op().site()));
    }
  }

  private List<Tensor> flat() {
    return arguments.stream().flatMap(List::stream).toList();
  }

  List<List<Tensor>> arguments() {
    return arguments;
  }

  OpDef def() {
    return def;
  }

  /** The name that the node would get. */
  String displayName() {
    if (name.endsWith("/")) {
      return name.substring(0, name.length() - 1);
    }
    String scope = graph.scopes().names;
    return graph.peekName(scope.isEmpty() ? name : scope + "/" + name);
  }

  /** That a value must be given for an attribute. */
  static OpException missing(OpDef def, String node, AttrSpec spec) {
    return new OpException(
        "%s '%s' needs the attribute '%s' of type %s"
            .formatted(def.type(), node, spec.name(), spec.type()));
  }
}
