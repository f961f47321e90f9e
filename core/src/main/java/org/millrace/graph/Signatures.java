package org.millrace.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.millrace.op.ArgSpec;
import org.millrace.op.AttrSpec;
import org.millrace.op.AttrType;
import org.millrace.op.Attributes;
import org.millrace.op.OpDef;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Matches the inputs and attributes of a node against its definition. */
final class Signatures {
  private final OperationBuilder node;
  private final OpDef def;

  Signatures(OperationBuilder node) {
    this.node = node;
    def = node.def();
  }

  /** The input that fixed the value of a type attribute, by attribute. */
  private final Map<String, String> inferredFrom = new HashMap<>();

  /** The attributes given, those that follow from inputs, and defaults. */
  Map<String, Object> attributes(Map<String, Object> given) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, Object> entry : given.entrySet()) {
      if (!entry.getKey().equals(Operation.COLOCATION)) {
        AttrSpec spec = spec(entry.getKey());
        values.put(spec.name(), convert(spec, entry.getValue()));
      }
    }
    for (int i = 0; i < def.inputs().size(); i++) {
      deduce(def.inputs().get(i), node.arguments().get(i), values);
    }
    for (AttrSpec spec : def.attributes()) {
      if (!values.containsKey(spec.name())) {
        values.put(
            spec.name(),
            spec.defaultValue()
                .orElseThrow(() -> OperationBuilder.missing(def, node.displayName(), spec)));
      }
      if (spec.type() == AttrType.TYPE && !spec.allowed().isEmpty()) {
        checkAllowed(spec, (DType) values.get(spec.name()));
      }
    }
    return values;
  }

  private Object convert(AttrSpec spec, Object value) {
    String given = "%s '%s': ".formatted(def.type(), node.displayName());
    if (value == null) {
      throw new OpException(
          given
              + "attribute '%s' must be of type %s, got null".formatted(spec.name(), spec.type()));
    }
    try {
      return spec.type().convert(spec.name(), value);
    } catch (OpException e) {
      throw new OpException(given + e.getMessage(), e);
    }
  }

  private AttrSpec spec(String attribute) {
    return def.attributes().stream()
        .filter(spec -> spec.name().equals(attribute))
        .findFirst()
        .orElseThrow(
            () ->
                new OpException(
                    "%s '%s' has no attribute '%s', only %s"
                        .formatted(
                            def.type(),
                            node.displayName(),
                            attribute,
                            def.attributes().stream().map(AttrSpec::name).toList())));
  }

  private void checkAllowed(AttrSpec spec, DType type) {
    if (!spec.allowed().contains(type)) {
      String argument =
          def.inputs().stream()
              .filter(arg -> arg.typeAttribute().filter(spec.name()::equals).isPresent())
              .map(ArgSpec::name)
              .findFirst()
              .orElse(spec.name());
      throw new OpException(
          "Value passed to parameter '%s' has DataType %s not in list of allowed values: %s (%s '%s')"
              .formatted(
                  argument,
                  type,
                  spec.allowed().stream().sorted().map(DType::label).toList(),
                  def.type(),
                  node.displayName()));
    }
  }

  private void deduce(ArgSpec arg, List<Tensor> tensors, Map<String, Object> values) {
    if (arg.heterogeneous()) {
      List<DType> types = tensors.stream().map(Tensor::dtype).toList();
      String has = "has types " + types;
      fix(arg, arg.typeAttribute().orElseThrow(), types, has, values);
      return;
    }
    String has = "has %d tensors".formatted(tensors.size());
    arg.numberAttribute().ifPresent(number -> fix(arg, number, (long) tensors.size(), has, values));
    for (Tensor tensor : tensors) {
      DType needed = arg.type().orElseGet(() -> typeOf(arg, tensor, values));
      if (tensor.dtype() != needed) {
        throw new OpException(
            "Input '%s' of '%s' Op has type %s that does not match %s (node '%s', input %s built at %s)."
                .formatted(
                    arg.name(),
                    def.type(),
                    tensor.dtype(),
                    expected(arg, needed),
                    node.displayName(),
                    tensor.name(),
                    tensor.op().site()));
      }
    }
  }

  /** Sets an attribute to what an input is, which must agree with what was given. */
  private void fix(
      ArgSpec arg, String attribute, Object value, String has, Map<String, Object> values) {
    Object given = values.putIfAbsent(attribute, value);
    if (given != null && !given.equals(value)) {
      throw new OpException(
          "%s '%s': attribute '%s' is %s, but input '%s' %s"
              .formatted(def.type(), node.displayName(), attribute, given, arg.name(), has));
    }
  }

  private DType typeOf(ArgSpec arg, Tensor tensor, Map<String, Object> values) {
    String attribute = arg.typeAttribute().orElseThrow();
    if (!values.containsKey(attribute)) {
      values.put(attribute, tensor.dtype());
      inferredFrom.put(attribute, arg.name());
    }
    return (DType) values.get(attribute);
  }

  private String expected(ArgSpec arg, DType needed) {
    if (arg.typeAttribute().isEmpty()) {
      return "expected type of " + needed;
    }
    String attribute = arg.typeAttribute().get();
    return inferredFrom.containsKey(attribute)
        ? "type %s of argument '%s'".formatted(needed, inferredFrom.get(attribute))
        : "type %s of attribute '%s'".formatted(needed, attribute);
  }

  /** The outputs, of unknown shape. */
  List<OperationBuilder.Output> outputs(Attributes attributes) {
    List<OperationBuilder.Output> outputs = new ArrayList<>();
    for (ArgSpec arg : def.outputs()) {
      if (arg.heterogeneous()) {
        for (DType type : attributes.list(arg.typeAttribute().orElseThrow(), DType.class)) {
          outputs.add(new OperationBuilder.Output(type, Shape.unknown(), false));
        }
        continue;
      }
      DType type = arg.type().orElseGet(() -> attributes.type(arg.typeAttribute().orElseThrow()));
      long count = arg.numberAttribute().map(attributes::integer).orElse(1L);
      for (long i = 0; i < count; i++) {
        outputs.add(new OperationBuilder.Output(type, Shape.unknown(), arg.reference()));
      }
    }
    return outputs;
  }
}
