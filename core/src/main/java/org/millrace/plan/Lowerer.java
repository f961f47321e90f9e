package org.millrace.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.kernel.Kernel;
import org.millrace.op.LoweringContext;
import org.millrace.op.OpException;
import org.millrace.op.ProgramBuilder;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;
import org.millrace.tensor.TensorSpec;

/**
 * Turns the operations of a path into steps, in an order that gives every use of a variable the
 * version that it must see.
 *
 * <p>A tensor that is a view of a variable is not a value but a {@link View}: which version it
 * means is decided where it is used. Where a use comes after an assignment that it must not see,
 * the assignment is preceded by a copy of the old value.
 */
final class Lowerer {
  private final Ordering ordering;
  private final Specialization known;
  private final Request request;
  private final ToIntFunction<Operation> deviceOf;
  final List<Step> steps = new ArrayList<>();
  private final List<Value> values = new ArrayList<>();
  private final Map<Tensor, Bound> bound = new HashMap<>();
  final Cells cells = new Cells();
  private final Map<List<Object>, Value> copies = new HashMap<>();
  private final Map<List<Object>, Operation> computed = new HashMap<>();
  private final Set<Operation> live;

  Lowerer(
      Ordering ordering, Specialization known, Request request, ToIntFunction<Operation> deviceOf) {
    this.ordering = ordering;
    this.known = known;
    this.request = request;
    this.deviceOf = deviceOf;
    this.live = known.live();
  }

  /** What a tensor stands for while steps are written. */
  sealed interface Bound {
    /** A value. */
    record To(Value value) implements Bound {}

    /** Whatever the variable holds where it is used, under the given shape. */
    record View(Operation variable, Shape shape) implements Bound {}
  }

  /** Writes the steps of the request; fetch steps deliver to the position in its list. */
  List<Step> lower() {
    List<Operation> operations = ordering.operations().stream().filter(live::contains).toList();
    for (Tensor feed : request.feeds()) {
      if (known.spec(feed) != null) {
        Value value =
            value(deviceOf.applyAsInt(feed.op()), known.spec(feed), new Value.Source.Feed(feed));
        bound.put(feed, new Bound.To(value));
      }
    }
    for (Operation op : operations) {
      lower(op);
      fetchViewsOf(op);
    }
    for (int slot = 0; slot < request.fetches().size(); slot++) {
      Tensor fetch = request.fetches().get(slot);
      if (!(bound.get(fetch) instanceof Bound.View)) {
        steps.add(
            new Step.Fetch(
                use(fetch, fetch.op(), deviceOf.applyAsInt(fetch.op())), slot, fetch.op()));
      }
    }
    return steps;
  }

  /** Every value made, by id. */
  List<Value> values() {
    return values;
  }

  private void fetchViewsOf(Operation op) {
    for (int slot = 0; slot < request.fetches().size(); slot++) {
      Tensor fetch = request.fetches().get(slot);
      if (fetch.op() == op && bound.get(fetch) instanceof Bound.View) {
        steps.add(new Step.Fetch(use(fetch, op, deviceOf.applyAsInt(op), true), slot, op));
      }
    }
  }

  private void lower(Operation op) {
    int device = deviceOf.applyAsInt(op);
    if (known.isFolded(op)) {
      return;
    }
    switch (op.type()) {
      case "VariableV2" -> bind(op.output(0), new Bound.View(op, known.spec(op.output(0)).shape()));
      case "PlaceholderWithDefault" -> bind(op.output(0), boundOf(op.inputs().getFirst(), op));
      case "IsVariableInitialized" -> isInitialized(op, device);
      default -> {
        if (op.def().lowering().isPresent()) {
          run(op, device);
        }
      }
    }
  }

  private void isInitialized(Operation op, int device) {
    Operation variable = Variables.of(op.inputs().getFirst()).orElseThrow();
    Value flag = value(device, known.spec(op.output(0)), new Value.Source.Computed());
    boolean assigned = ordering.versionSeenBy(op, variable) > 0;
    steps.add(new Step.InitializedFlag(variable, assigned, flag, op));
    bind(op.output(0), new Bound.To(flag));
  }

  private void run(Operation op, int device) {
    Optional<List<Object>> key = computation(op, device);
    if (key.isPresent()) {
      Operation earlier = computed.putIfAbsent(key.get(), op);
      if (earlier != null) {
        for (int i = 0; i < op.outputs().size(); i++) {
          bind(op.output(i), bound.get(earlier.output(i)));
        }
        return;
      }
    }
    expand(op, device);
  }

  /**
   * What identifies the result of {@code op} among those of the plan: two operations of equal keys
   * compute the same. Empty if the result is not a matter of the inputs' values alone.
   */
  private Optional<List<Object>> computation(Operation op, int device) {
    if (op.def().stateful()
        || op.def().hostOnly()
        || op.outputs().stream().anyMatch(request.feeds()::contains)) {
      return Optional.empty();
    }
    List<Object> key = new ArrayList<>();
    key.add(op.def());
    key.add(device);
    Map<String, Object> attributes = new HashMap<>(op.attributes().asMap());
    attributes.remove("_class"); // says where, not what
    key.add(attributes);
    for (Tensor input : op.inputs()) {
      switch (bound.get(input)) {
        case Bound.To(Value value) -> key.add(value);
        case Bound.View _ -> {
          return Optional.empty();
        }
        case null -> {
          NDArray constant = known.constant(input).orElse(null);
          if (constant == null || constant.elements() > 64) {
            key.add(input);
          } else {
            key.add(constant);
          }
        }
      }
    }
    return Optional.of(key);
  }

  private void expand(Operation op, int device) {
    LoweringContext context = known.context(op);
    ProgramBuilder builder = new ProgramBuilder(context.inputs(), context.outputs());
    try {
      op.def().lowering().get().lower(context, builder);
    } catch (OpException e) {
      throw new PlanException(e.getMessage(), op, e);
    }
    new Expansion(this, op, device, builder.build()).expand();
  }

  void bind(Tensor tensor, Bound to) {
    bound.putIfAbsent(tensor, to); // a fed tensor keeps the value that was fed
  }

  Bound boundOf(Tensor tensor, Operation user) {
    Bound known = bound.get(tensor);
    return known != null ? known : new Bound.To(use(tensor, user, deviceOf.applyAsInt(user)));
  }

  /** The value of {@code tensor} as {@code user} sees it, on {@code device}. */
  Value use(Tensor tensor, Operation user, int device) {
    return use(tensor, user, device, false);
  }

  /**
   * As {@link #use(Tensor, Operation, int)}; {@code after} shows what {@code user} itself assigned.
   */
  private Value use(Tensor tensor, Operation user, int device, boolean after) {
    Bound to = bound.get(tensor);
    if (to == null) {
      NDArray constant =
          known
              .constant(tensor)
              .orElseThrow(() -> new IllegalStateException(tensor + " has no value"));
      // One value for each device: a constant is uploaded, not copied.
      return copies.computeIfAbsent(
          List.of(tensor, device),
          _ ->
              value(
                  device,
                  constant.spec(),
                  new Value.Source.Constant(constant, known.isOfShapes(tensor))));
    }
    Value value =
        switch (to) {
          case Bound.To(Value direct) -> direct;
          case Bound.View(Operation variable, Shape shape) -> {
            newest(variable);
            int version =
                after
                    ? ordering.versionShownBy(user, variable)
                    : ordering.versionSeenBy(user, variable);
            yield alias(cells.version(variable, version, user), shape);
          }
        };
    return on(device, value, user);
  }

  /**
   * Copies the newest version of a variable that is about to be assigned if a later operation may
   * still use it.
   */
  void snapshotForLaterUses(Operation variable) {
    Value old = newest(variable);
    Operation writer = ordering.writersOf(variable).get(cells.assignments(variable));
    boolean needed =
        bound.entrySet().stream()
            .filter(
                entry -> entry.getValue() instanceof Bound.View(Operation of, _) && of == variable)
            .anyMatch(entry -> usedLater(entry.getKey(), writer));
    if (needed) {
      Value copy =
          value(old.device(), new TensorSpec(old.type(), old.shape()), new Value.Source.Computed());
      steps.add(copyKernel(old, copy, writer));
      cells.snapshot(variable, copy);
    }
  }

  /** The version in the variable's memory; the first time it is asked for, that before the run. */
  Value newest(Operation variable) {
    if (!cells.has(variable)) {
      cells.add(
          variable,
          value(
              deviceOf.applyAsInt(variable),
              known.spec(variable.output(0)),
              new Value.Source.Variable(variable, 0)));
    }
    return cells.newest(variable);
  }

  private boolean usedLater(Tensor view, Operation writer) {
    return view.consumers().stream()
        .anyMatch(
            user ->
                live.contains(user)
                    && ordering.position(user) > ordering.position(writer)
                    && !ordering.dependsOnWriter(user, writer)
                    && readsValue(user, view));
  }

  private boolean readsValue(Operation user, Tensor view) {
    List<Integer> references = Variables.referenceInputs(user);
    for (int i = 0; i < user.inputs().size(); i++) {
      if (user.inputs().get(i) == view && !references.contains(i)) {
        return true;
      }
    }
    return false;
  }

  private Value on(int device, Value value, Operation user) {
    if (value.device() == device) {
      return value;
    }
    if (value.root().source() instanceof Value.Source.Constant(NDArray array, boolean ofShapes)) {
      return alias(
          copies.computeIfAbsent(
              List.of(array, device),
              _ -> value(device, array.spec(), new Value.Source.Constant(array, ofShapes))),
          value.shape());
    }
    Value root = value.root();
    Value copy =
        copies.computeIfAbsent(
            List.of(root, device),
            _ -> {
              Value made =
                  value(
                      device,
                      new TensorSpec(root.type(), root.shape()),
                      new Value.Source.Computed());
              steps.add(new Step.Copy(root, made, List.of(user)));
              return made;
            });
    return alias(copy, value.shape());
  }

  Value alias(Value of, Shape shape) {
    return of.shape().equals(shape)
        ? of
        : value(of.device(), new TensorSpec(of.type(), shape), new Value.Source.Alias(of));
  }

  Value value(int device, TensorSpec spec, Value.Source source) {
    Value value = new Value(values.size(), device, spec.dtype(), spec.shape(), source);
    values.add(value);
    return value;
  }

  /**
   * A kernel that copies {@code from} to {@code to}; producers are fused into it like any other.
   */
  Step copyKernel(Value from, Value to, Operation node) {
    if (from.device() != to.device()) {
      return new Step.Copy(from, to, List.of(node));
    }
    if (from.type() == DType.STRING) {
      throw new PlanException("string variables are not supported", node);
    }
    Kernel kernel = Kernels.copy(to.type(), to.shape());
    Step.Launch copy =
        new Step.Launch(to.device(), kernel, List.of(from, to), List.of(), List.of(node));
    return Constants.inline(copy);
  }
}
