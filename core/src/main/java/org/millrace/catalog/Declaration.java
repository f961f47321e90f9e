package org.millrace.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.op.OpDef;

/**
 * All there is to say of one operation: what an {@link OpDef} holds, and its gradient.
 *
 * <p>The same for the catalog and for the operations of users, which need not be registered to be
 * built, run and differentiated:
 *
 * <pre>{@code
 * static final Declaration CUBE =
 *     Declaration.op("Cube")
 *         .input("x", "T")
 *         .output("y", "T")
 *         .type("T", DType.FLOAT32, DType.FLOAT64)
 *         .infer(Inferences.sameAs(0))
 *         .lower(Lowerings.map(x -> mul(x, mul(x, x))))
 *         .gradient((g, op, dy) -> dy.mul(3).mul(g.square(op.inputs().get(0))))
 *         .define();
 *
 * Tensor y = tf.apply(CUBE, x);
 * }</pre>
 */
public final class Declaration extends OpDef {
  private final Optional<Gradient> gradient;
  private final boolean differentiable;

  private Declaration(Builder builder) {
    super(builder);
    gradient = Optional.ofNullable(builder.gradient);
    differentiable = builder.differentiable;
  }

  /** Starts the declaration of operation {@code type}. */
  public static Builder op(String type) {
    return new Builder(type);
  }

  /** How its gradient is computed, if it has one. */
  public Optional<Gradient> gradient() {
    return gradient;
  }

  /**
   * Whether gradients could flow through it. If they could and there is no {@link #gradient()},
   * asking for one is an error; if they could not, nothing flows.
   */
  public boolean differentiable() {
    return differentiable;
  }

  /** Gathers a declaration. */
  public static final class Builder extends OpDef.Builder<Builder> {
    private Gradient gradient;
    private boolean differentiable = true;

    private Builder(String type) {
      super(type);
    }

    @Override
    protected Builder self() {
      return this;
    }

    /** The gradient, for an operation of one output, with respect to its first input. */
    public Builder gradient(Gradient.ToFirst rule) {
      return gradientOfAll((g, op, dys) -> padded(op, List.of(rule.of(g, op, dys.first()))));
    }

    /** The gradients, for an operation of one output, with respect to its first inputs. */
    public Builder gradients(Gradient.ToEach rule) {
      return gradientOfAll((g, op, dys) -> padded(op, rule.of(g, op, dys.first())));
    }

    /** The gradient of an operation of any outputs and inputs. */
    public Builder gradientOfAll(Gradient rule) {
      gradient = rule;
      return this;
    }

    /** Says that its outputs do not vary smoothly with its inputs, so that no gradient flows. */
    public Builder notDifferentiable() {
      differentiable = false;
      return this;
    }

    /** The declaration. */
    public Declaration define() {
      return new Declaration(this);
    }

    private static List<Optional<Tensor>> padded(Operation op, List<Tensor> first) {
      List<Optional<Tensor>> all = new ArrayList<>();
      for (int i = 0; i < op.inputs().size(); i++) {
        all.add(i < first.size() ? Optional.of(first.get(i)) : Optional.empty());
      }
      return all;
    }
  }
}
