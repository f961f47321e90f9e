package org.millrace.gradient;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.millrace.catalog.Declaration;
import org.millrace.catalog.Nodes;
import org.millrace.catalog.OutputGradients;
import org.millrace.graph.Graph;
import org.millrace.graph.NameScope;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.op.OpException;

/**
 * One pass from the ys back to the xs. A graph only grows at its end, so operations visited by
 * descending number come after everything that uses them.
 */
final class BackwardPass {
  private final List<Tensor> ys;
  private final List<Tensor> xs;
  private final Set<Tensor> sources;
  private final List<Tensor> gradYs;
  private final Set<Tensor> constants;
  private final boolean zeros;
  private final Graph graph;
  private final Nodes g;
  private final Map<Tensor, List<Tensor>> contributions = new HashMap<>();

  BackwardPass(
      List<Tensor> ys, List<Tensor> xs, List<Tensor> gradYs, Set<Tensor> constants, boolean zeros) {
    this.ys = ys;
    this.xs = xs;
    sources = Set.copyOf(xs);
    this.gradYs = gradYs;
    this.constants = constants;
    this.zeros = zeros;
    graph = ys.getFirst().graph();
    g = Nodes.on(graph);
  }

  List<Optional<Tensor>> run() {
    try (NameScope _ = graph.nameScope("gradients")) {
      TreeSet<Operation> between = between();
      seed();
      for (Operation op : between.descendingSet()) {
        propagate(op, between);
      }
      List<Optional<Tensor>> gradients = new ArrayList<>();
      for (Tensor x : xs) {
        Optional<Tensor> gradient = aggregate(x);
        gradients.add(gradient.isEmpty() && zeros ? Optional.of(g.zerosLike(x)) : gradient);
      }
      return gradients;
    }
  }

  /** The operations on a path from an x to a y along which gradients flow. */
  private TreeSet<Operation> between() {
    TreeSet<Operation> reached = new TreeSet<>(Comparator.comparingInt(Operation::id));
    Deque<Operation> open = new ArrayDeque<>();
    ys.stream().filter(y -> !constants.contains(y)).forEach(y -> open.add(y.op()));
    while (!open.isEmpty()) {
      Operation op = open.pop();
      if (reached.add(op)) {
        op.inputs().stream()
            .filter(input -> !constants.contains(input))
            .forEach(input -> open.add(input.op()));
      }
    }
    TreeSet<Operation> between = new TreeSet<>(Comparator.comparingInt(Operation::id));
    for (Operation op : reached) {
      boolean onPath =
          op.inputs().stream()
              .anyMatch(input -> sources.contains(input) || flowsBeyond(input, between));
      if (onPath) {
        between.add(op);
      }
    }
    return between;
  }

  /** Whether the gradient of a tensor is needed for those of the inputs of its operation. */
  private boolean flowsBeyond(Tensor tensor, Set<Operation> between) {
    return between.contains(tensor.op()) && !constants.contains(tensor);
  }

  private void seed() {
    for (int i = 0; i < ys.size(); i++) {
      Tensor y = ys.get(i);
      if (y.dtype().isFloating()) {
        Tensor weight =
            gradYs.isEmpty()
                ? g.fill(g.shape(y), g.constant(1, y.dtype(), "grad_ys_" + i))
                : gradYs.get(i);
        contribute(y, weight);
      }
    }
  }

  private void contribute(Tensor to, Tensor gradient) {
    contributions.computeIfAbsent(to, _ -> new ArrayList<>()).add(gradient);
  }

  /** The sum of what has come for a tensor; nothing comes once its operation is visited. */
  private Optional<Tensor> aggregate(Tensor tensor) {
    List<Tensor> parts = contributions.get(tensor);
    if (parts == null) {
      return Optional.empty();
    }
    if (parts.size() > 1) {
      Tensor sum = g.addN(List.copyOf(parts));
      parts.clear();
      parts.add(sum);
    }
    return Optional.of(parts.getFirst());
  }

  private void propagate(Operation op, Set<Operation> between) {
    List<Optional<Tensor>> arrived =
        op.outputs().stream()
            .map(y -> constants.contains(y) ? Optional.<Tensor>empty() : aggregate(y))
            .toList();
    if (arrived.stream().allMatch(Optional::isEmpty)) {
      return;
    }
    if (!(op.def() instanceof Declaration declaration)) {
      throw undefined(op);
    }
    if (!declaration.differentiable()) {
      return;
    }
    var rule = declaration.gradient().orElseThrow(() -> undefined(op));
    try (NameScope _ = graph.nameScope(op.name() + "_grad")) {
      List<Optional<Tensor>> gradients = rule.of(g, op, new OutputGradients(g, op, arrived));
      if (gradients.size() != op.inputs().size()) {
        throw new IllegalStateException(
            "Num gradients %d generated for op %s do not match num inputs %d"
                .formatted(gradients.size(), op.name(), op.inputs().size()));
      }
      for (int i = 0; i < gradients.size(); i++) {
        Tensor input = op.inputs().get(i);
        boolean wanted = sources.contains(input) || flowsBeyond(input, between);
        if (gradients.get(i).isPresent() && wanted && input.dtype().isFloating()) {
          Tensor gradient = gradients.get(i).get();
          input.shape().merge(gradient.shape()).ifPresent(gradient::setShape);
          contribute(input, gradient);
        }
      }
    }
  }

  private static OpException undefined(Operation op) {
    return new OpException(
        "No gradient defined for operation '%s' (op type: %s), which was built at %s"
            .formatted(op.name(), op.type(), op.site()));
  }
}
