package org.millrace.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.op.ArgSpec;
import org.millrace.op.Attributes;
import org.millrace.op.LoweringContext;
import org.millrace.op.OpDef;
import org.millrace.op.OpException;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;
import org.millrace.tensor.TensorSpec;

/**
 * The path of a request with every shape known, and with the values that follow from shapes and
 * constants.
 */
final class Specialization {
  private final Ordering ordering;
  private final Request request;
  private final Map<Tensor, TensorSpec> specs = new HashMap<>();
  private final Map<Tensor, NDArray> constants = new HashMap<>();

  /** The constants that do not depend on what was fed. */
  private final Set<Tensor> fixed = new HashSet<>();

  private Specialization(Ordering ordering, Request request) {
    this.ordering = ordering;
    this.request = request;
  }

  /**
   * Infers and folds along the path.
   *
   * @param fed the shape of each fed tensor
   * @param known values that were computed beforehand because shapes depend on them
   * @throws PlanException if an operation's inputs do not fit, or a placeholder is not fed
   * @throws ValueNeededException if a shape depends on a value that is not known
   */
  static Specialization of(
      Ordering ordering, Request request, Map<Tensor, Shape> fed, Map<Tensor, NDArray> known) {
    Specialization result = new Specialization(ordering, request);
    fed.forEach((tensor, shape) -> result.specs.put(tensor, new TensorSpec(tensor.dtype(), shape)));
    result.constants.putAll(known);
    for (Operation op : ordering.operations()) {
      result.specialize(op);
    }
    return result;
  }

  /** The spec of a tensor on the path. */
  TensorSpec spec(Tensor tensor) {
    return specs.get(tensor);
  }

  /** The value of a tensor if it is the same in every run with these shapes. */
  Optional<NDArray> constant(Tensor tensor) {
    return Optional.ofNullable(constants.get(tensor));
  }

  /** Whether a constant follows from fed shapes. */
  boolean isOfShapes(Tensor tensor) {
    return !fixed.contains(tensor);
  }

  /** What the lowering of {@code op} needs to know. */
  LoweringContext context(Operation op) {
    return new NodeContext(op);
  }

  /** The operations that have work left: those not folded away, and what they in turn need. */
  Set<Operation> live() {
    Set<Operation> live = new LinkedHashSet<>(request.targets());
    // Operations that are folded away: what they wait for must still happen.
    Set<Operation> passed = new HashSet<>();
    for (Tensor fetch : request.fetches()) {
      (constants.containsKey(fetch) ? passed : live).add(fetch.op());
    }
    List<Operation> order = ordering.operations();
    for (int i = order.size() - 1; i >= 0; i--) {
      Operation op = order.get(i);
      if (op.def().stateful() || !Variables.written(op).isEmpty()) {
        live.add(op);
      }
      if (live.contains(op) || passed.contains(op)) {
        live.addAll(op.controlInputs());
        Set<Tensor> needed = isFolded(op) ? Set.of() : Set.copyOf(valueInputs(op));
        for (Tensor input : op.inputs()) {
          if (!request.feeds().contains(input)) {
            (needed.contains(input) ? live : passed).add(input.op());
          }
        }
      }
    }
    return live;
  }

  /** Whether every output of {@code op} is a constant, so that nothing of it need be computed. */
  boolean isFolded(Operation op) {
    return !op.outputs().isEmpty()
        && !op.def().stateful()
        && op.outputs().stream().allMatch(constants::containsKey);
  }

  /** The inputs whose values a step of {@code op} reads: neither folded, fed, nor host inputs. */
  private List<Tensor> valueInputs(Operation op) {
    List<Tensor> inputs = new ArrayList<>();
    Set<Integer> host = hostInputs(op);
    for (int i = 0; i < op.inputs().size(); i++) {
      Tensor input = op.inputs().get(i);
      if (!host.contains(i) && !constants.containsKey(input) && !request.feeds().contains(input)) {
        inputs.add(input);
      }
    }
    return inputs;
  }

  private void specialize(Operation op) {
    OpDef def = op.def();
    switch (op.type()) {
      case "Const" -> {
        constants.putIfAbsent(op.output(0), op.attributes().tensor("value"));
        specs.putIfAbsent(op.output(0), constants.get(op.output(0)).spec());
        fixed.add(op.output(0));
        return;
      }
      case "Placeholder" -> {
        if (!request.feeds().contains(op.output(0))) {
          throw Placeholders.notFed(op, request);
        }
        return;
      }
      default -> {}
    }
    NodeContext context = new NodeContext(op);
    List<Shape> shapes = infer(op, context);
    for (int i = 0; i < shapes.size(); i++) {
      specs.putIfAbsent(op.output(i), new TensorSpec(op.output(i).dtype(), shapes.get(i)));
    }
    if (def.stateful() || op.outputs().isEmpty()) {
      return;
    }
    boolean inputsAreFixed = fixed.containsAll(op.inputs());
    Folder.fold(def, context, inputsAreFixed)
        .ifPresent(
            values -> {
              for (int i = 0; i < values.size(); i++) {
                if (!request.feeds().contains(op.output(i))) {
                  constants.putIfAbsent(op.output(i), values.get(i));
                  if (inputsAreFixed) {
                    fixed.add(op.output(i));
                  }
                }
              }
            });
  }

  private List<Shape> infer(Operation op, NodeContext context) {
    if (op.outputs().isEmpty()) {
      return List.of();
    }
    for (int input : hostInputs(op)) {
      if (context.constant(input).isEmpty()) {
        throw new ValueNeededException(op.inputs().get(input), op);
      }
    }
    List<Shape> shapes;
    try {
      shapes = op.def().inference().infer(context);
    } catch (OpException e) {
      throw new PlanException(e.getMessage(), op, e);
    }
    for (Shape shape : shapes) {
      requireCountable(op, shape);
      if (!shape.isFullyDefined()) {
        throw new PlanException(
            "%s '%s' has an output of shape %s, which must be fully known to run"
                .formatted(op.type(), op.name(), shape),
            op);
      }
    }
    return shapes;
  }

  private static void requireCountable(Operation op, Shape shape) {
    try {
      if (shape.isFullyDefined()) {
        Math.multiplyExact(shape.elements(), 8);
      }
    } catch (ArithmeticException e) {
      throw new PlanException(
          "%s '%s' has an output of shape %s, which no memory holds"
              .formatted(op.type(), op.name(), shape),
          op,
          e);
    }
  }

  /** The flat numbers of the inputs of {@code op} whose values must be known. */
  static Set<Integer> hostInputs(Operation op) {
    Set<Integer> host = new LinkedHashSet<>();
    int flat = 0;
    List<ArgSpec> args = op.def().inputs();
    for (ArgSpec arg : args) {
      int count = 1;
      if (arg.numberAttribute().isPresent()) {
        count = (int) op.attributes().integer(arg.numberAttribute().get());
      } else if (arg.heterogeneous()) {
        count = op.inputs().size() - (args.size() - 1);
      }
      for (int i = 0; i < count; i++, flat++) {
        if (arg.host()) {
          host.add(flat);
        }
      }
    }
    return host;
  }

  /** A node of the path as inference and lowering see it. */
  private final class NodeContext implements LoweringContext {
    private final Operation op;

    NodeContext(Operation op) {
      this.op = op;
    }

    @Override
    public String name() {
      return op.name();
    }

    @Override
    public List<TensorSpec> inputs() {
      return op.inputs().stream().map(specs::get).toList();
    }

    @Override
    public List<TensorSpec> outputs() {
      return op.outputs().stream().map(specs::get).toList();
    }

    @Override
    public Attributes attributes() {
      return op.attributes();
    }

    @Override
    public Optional<NDArray> constant(int input) {
      return Optional.ofNullable(constants.get(op.inputs().get(input)));
    }
  }
}
