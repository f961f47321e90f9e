package org.millrace.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.millrace.device.DeviceSpec;
import org.millrace.op.ArgSpec;
import org.millrace.op.Attributes;
import org.millrace.op.OpDef;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** A node of a graph. Compared by identity. */
public final class Operation implements GraphElement {
  /** The attribute that holds the names of the operations this one is to share a device with. */
  static final String COLOCATION = "_class";

  private final Graph graph;
  private final int id;
  private final String name;
  private final OpDef def;
  private final List<Tensor> inputs;
  private final List<Operation> controlInputs;
  private final Attributes attributes;
  private final String site;
  private List<Tensor> outputs = List.of();
  private DeviceSpec device = DeviceSpec.empty();

  Operation(
      Graph graph,
      int id,
      String name,
      OpDef def,
      List<Tensor> inputs,
      List<Operation> controlInputs,
      Attributes attributes,
      String site) {
    this.graph = graph;
    this.id = id;
    this.name = name;
    this.def = def;
    this.inputs = List.copyOf(inputs);
    this.controlInputs = List.copyOf(controlInputs);
    this.attributes = attributes;
    this.site = site;
  }

  void setOutputs(List<Tensor> made) {
    outputs = List.copyOf(made);
  }

  void setDevice(DeviceSpec spec) {
    device = spec;
  }

  @Override
  public Graph graph() {
    return graph;
  }

  /** Its number in the graph: operations are numbered in the order of their creation. */
  public int id() {
    return id;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Operation op() {
    return this;
  }

  /** The type, {@code MatMul}. */
  public String type() {
    return def.type();
  }

  /** The definition. */
  public OpDef def() {
    return def;
  }

  public List<Tensor> inputs() {
    return inputs;
  }

  /** The operations that must have run before. */
  public List<Operation> controlInputs() {
    return controlInputs;
  }

  public Attributes attributes() {
    return attributes;
  }

  public List<Tensor> outputs() {
    return outputs;
  }

  /**
   * Output {@code number}.
   *
   * @throws IndexOutOfBoundsException if there is none of this number
   */
  public Tensor output(int number) {
    return outputs.get(number);
  }

  /** The device that was asked for. */
  public DeviceSpec device() {
    return device;
  }

  /** The groups {@code loc:@name} of operations that are to share a device with it. */
  public List<String> colocationGroups() {
    return attributes.find(COLOCATION).isPresent()
        ? attributes.list(COLOCATION, String.class)
        : List.of();
  }

  /** Where it was built, {@code MnistMlp.java:42}. */
  public String site() {
    return site;
  }

  /**
   * The line by which run-time errors show a node: {@code [[Node: Placeholder =
   * Placeholder[dtype=DT_INT32, shape=<unknown>, _device="/device:CPU:0"]()]]}.
   *
   * @param deviceName the device on which it was placed
   */
  public String describe(String deviceName) {
    StringJoiner attrs = new StringJoiner(", ", "[", "]");
    for (Map.Entry<String, Object> entry : attributes.asMap().entrySet()) {
      attrs.add(entry.getKey() + "=" + text(entry.getValue()));
    }
    attrs.add("_device=\"" + deviceName + "\"");
    return "[[Node: %s = %s%s(%s)]]"
        .formatted(name, type(), attrs, String.join(", ", inputNames()));
  }

  private List<String> inputNames() {
    List<String> names = new ArrayList<>();
    for (Tensor input : inputs) {
      names.add(input.index() == 0 ? input.op().name : input.name());
    }
    controlInputs.forEach(control -> names.add("^" + control.name));
    return names;
  }

  private static String text(Object value) {
    return switch (value) {
      case DType type -> type.protoName();
      case Shape shape -> shape.toRuntimeString();
      case String string -> '"' + string + '"';
      case NDArray array ->
          "Tensor<type: %s shape: %s%s>"
              .formatted(
                  array.dtype().runtimeLabel(),
                  array.shape().toRuntimeString(),
                  array.elements() <= 8 ? " values: " + array.toString().replace('\n', ' ') : "");
      case List<?> list -> {
        StringJoiner joined = new StringJoiner(", ", "[", "]");
        list.forEach(element -> joined.add(text(element)));
        yield joined.toString();
      }
      default -> value.toString();
    };
  }

  /** Python's {@code repr}: {@code <tf.Operation 'add' type=AddV2>}. */
  public String repr() {
    return "<tf.Operation '%s' type=%s>".formatted(name, type());
  }

  /** The node as a graph file's text has it. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    out.append("name: \"").append(name).append("\"\n");
    out.append("op: \"").append(type()).append("\"\n");
    inputNames().forEach(input -> out.append("input: \"").append(input).append("\"\n"));
    if (!device.isEmpty()) {
      out.append("device: \"").append(device).append("\"\n");
    }
    attributes
        .asMap()
        .forEach(
            (key, value) ->
                out.append("attr { key: \"%s\" value: %s }\n".formatted(key, text(value))));
    return out.toString();
  }

  /** The specification of the argument that flat input {@code number} belongs to. */
  ArgSpec argument(int number) {
    int flat = 0;
    for (ArgSpec arg : def.inputs()) {
      int count = 1;
      if (arg.numberAttribute().isPresent()) {
        count = (int) attributes.integer(arg.numberAttribute().get());
      } else if (arg.heterogeneous()) {
        count = attributes.list(arg.typeAttribute().orElseThrow(), DType.class).size();
      }
      flat += count;
      if (number < flat) {
        return arg;
      }
    }
    throw new IndexOutOfBoundsException("input " + number + " of " + name);
  }
}
