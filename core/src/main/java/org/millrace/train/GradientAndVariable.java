package org.millrace.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.catalog.Nodes;
import org.millrace.graph.NameScope;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.op.OpException;

/** A variable and the gradient of a loss for it; none if the loss does not depend on it. */
public record GradientAndVariable(Optional<Tensor> gradient, Variable variable) {
  /**
   * The mean of each variable's gradients over several towers, copies of a model that share their
   * variables and see parts of one batch. If the parts are of one size and each loss is a mean over
   * its part, that is the gradient of the mean over the batch. A tower whose loss does not depend
   * on a variable counts with a gradient of 0.
   *
   * <p>The nodes ask for the device of the scope around.
   *
   * @param towers the gradients of each tower, of the same variables in the same order
   * @throws OpException if there is no tower, or two have other variables
   */
  public static List<GradientAndVariable> average(List<List<GradientAndVariable>> towers) {
    if (towers.isEmpty()) {
      throw new OpException("average needs the gradients of at least one tower, got none");
    }
    List<Variable> variables = variables(towers.getFirst());
    for (List<GradientAndVariable> tower : towers) {
      if (!variables(tower).equals(variables)) {
        throw new OpException(
            "average needs gradients of the same variables in each tower, got those of %s and of %s"
                .formatted(names(variables), names(variables(tower))));
      }
    }
    List<GradientAndVariable> result = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      List<Tensor> gradients = new ArrayList<>();
      for (List<GradientAndVariable> tower : towers) {
        tower.get(i).gradient().ifPresent(gradients::add);
      }
      Optional<Tensor> mean =
          gradients.isEmpty() ? Optional.empty() : Optional.of(mean(gradients, towers.size()));
      result.add(new GradientAndVariable(mean, variables.get(i)));
    }
    return result;
  }

  private static Tensor mean(List<Tensor> gradients, int towers) {
    Tensor first = gradients.getFirst();
    Nodes g = Nodes.on(first.graph());
    try (NameScope _ = first.graph().nameScope("average")) {
      return g.realDiv(g.addN(gradients), g.number(towers, first.dtype()));
    }
  }

  private static List<Variable> variables(List<GradientAndVariable> tower) {
    return tower.stream().map(GradientAndVariable::variable).toList();
  }

  private static List<String> names(List<Variable> variables) {
    return variables.stream().map(Variable::name).toList();
  }
}
