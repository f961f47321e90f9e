package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.List;
import org.millrace.graph.GraphElement;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.AttrType;
import org.millrace.op.Inferences;
import org.millrace.op.Lowerings;
import org.millrace.op.OpException;

/** Operations that pass values on or only order others. */
public interface ControlOps extends Family {
  /** Nothing: something to depend on. */
  Declaration NO_OP = op("NoOp").notDifferentiable().define();

  /** Its input; of a variable, the value that it has here. */
  Declaration IDENTITY =
      op("Identity")
          .input("input", "T")
          .output("output", "T")
          .type("T")
          .infer(Inferences.sameAs(0))
          .lower(Lowerings.alias())
          .gradient((_, _, dy) -> dy)
          .define();

  /** Its input, as a constant to gradients. */
  Declaration STOP_GRADIENT =
      op("StopGradient")
          .input("input", "T")
          .output("output", "T")
          .type("T")
          .infer(Inferences.sameAs(0))
          .lower(Lowerings.alias())
          .notDifferentiable()
          .define();

  /** Its input, through which asking for a gradient is an error. */
  Declaration PREVENT_GRADIENT =
      op("PreventGradient")
          .input("input", "T")
          .output("output", "T")
          .type("T")
          .attr("message", AttrType.STRING, "")
          .infer(Inferences.sameAs(0))
          .lower(Lowerings.alias())
          .gradientOfAll(
              (_, op, _) -> {
                throw new OpException(
                    "Gradient explicitly disabled. Reason: " + op.attributes().string("message"));
              })
          .define();

  /** An operation that does nothing. */
  default Operation noOp() {
    return noOp("NoOp");
  }

  /** As {@link #noOp()}, named. */
  default Operation noOp(String name) {
    return operation(NO_OP, name).build();
  }

  /** {@code x} itself, as a node of its own. */
  default Tensor identity(TensorLike x) {
    return identity(x, "Identity");
  }

  /** As {@link #identity(TensorLike)}, named. */
  default Tensor identity(TensorLike x, String name) {
    return apply(name, IDENTITY, x);
  }

  /** {@code x} as a constant to gradients. */
  default Tensor stopGradient(TensorLike x) {
    return stopGradient(x, "StopGradient");
  }

  /** As {@link #stopGradient(TensorLike)}, named. */
  default Tensor stopGradient(TensorLike x, String name) {
    return apply(name, STOP_GRADIENT, x);
  }

  /** {@code x}, through which asking for a gradient is an error that says {@code message}. */
  default Tensor preventGradient(TensorLike x, String message) {
    return preventGradient(x, message, "PreventGradient");
  }

  /** As {@link #preventGradient(TensorLike, String)}, named. */
  default Tensor preventGradient(TensorLike x, String message, String name) {
    return operation(PREVENT_GRADIENT, name).input(x).attr("message", message).build().output(0);
  }

  /** An operation that is done when all of {@code elements} are. */
  default Operation group(GraphElement... elements) {
    return group(List.of(elements), "group_deps");
  }

  /** As {@link #group(GraphElement...)}, named. */
  default Operation group(List<? extends GraphElement> elements, String name) {
    return Groups.group(this, elements, name);
  }
}
