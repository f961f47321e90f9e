package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.List;
import java.util.function.BinaryOperator;
import org.millrace.catalog.Declaration.Builder;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.op.AttrType;
import org.millrace.op.Inference;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.op.KernelBuilder;
import org.millrace.op.Lowering;
import org.millrace.op.OpException;
import org.millrace.op.ProgramBuilder.Value;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Variables, and the operations that change them. */
public interface StateOps extends Family {
  /** A value that a session keeps from run to run. */
  Declaration VARIABLE_V2 =
      op("VariableV2")
          .variableOutput("ref", "dtype")
          .attr("shape", AttrType.SHAPE)
          .type("dtype")
          .attr("container", AttrType.STRING, "")
          .attr("shared_name", AttrType.STRING, "")
          .infer(node -> List.of(node.attributes().shape("shape")))
          .stateful()
          .notDifferentiable()
          .define();

  /** Whether a variable has been assigned a value in this session. */
  Declaration IS_VARIABLE_INITIALIZED =
      op("IsVariableInitialized")
          .variableInput("ref", "dtype")
          .output("is_initialized", DType.BOOL)
          .type("dtype")
          .infer(Inferences.scalar())
          .stateful()
          .notDifferentiable()
          .define();

  /** {@code ref := value}. */
  Declaration ASSIGN =
      op("Assign")
          .variableInput("ref", "T")
          .input("value", "T")
          .variableOutput("output_ref", "T")
          .type("T")
          .attr("validate_shape", AttrType.BOOL, true)
          .attr("use_locking", AttrType.BOOL, true)
          .infer(assigned())
          .lower(
              (_, program) -> {
                program.update(0, program.input(1));
                program.output(0, program.input(1));
              })
          .stateful()
          .notDifferentiable()
          .define();

  /** {@code ref := ref + value}. */
  Declaration ASSIGN_ADD = update("AssignAdd", Scalar::add);

  /** {@code ref := ref - value}. */
  Declaration ASSIGN_SUB = update("AssignSub", Scalar::sub);

  /** {@code var := var - alpha · delta}. */
  Declaration APPLY_GRADIENT_DESCENT =
      op("ApplyGradientDescent")
          .variableInput("var", "T")
          .input("alpha", "T")
          .input("delta", "T")
          .variableOutput("out", "T")
          .type("T", Types.NUMERIC)
          .attr("use_locking", AttrType.BOOL, false)
          .infer(node -> List.of(sameShapes(node, 0, 2)))
          .lower(
              (node, program) -> {
                Value next =
                    program.map(
                        node.dtype(0),
                        node.shape(0),
                        (k, at) -> {
                          Expr step =
                              Scalar.mul(k.load(program.input(1)), k.load(program.input(2), at));
                          return Scalar.sub(k.load(program.input(0), at), step);
                        });
                program.update(0, next);
                program.output(0, next);
              })
          .stateful()
          .notDifferentiable()
          .define();

  /**
   * {@code accum := accum · momentum + grad; var := var - lr · accum}, and with {@code
   * use_nesterov} {@code var := var - (grad · lr + accum · momentum · lr)}.
   */
  Declaration APPLY_MOMENTUM =
      op("ApplyMomentum")
          .variableInput("var", "T")
          .variableInput("accum", "T")
          .input("lr", "T")
          .input("grad", "T")
          .input("momentum", "T")
          .variableOutput("out", "T")
          .type("T", Types.NUMERIC)
          .attr("use_locking", AttrType.BOOL, false)
          .attr("use_nesterov", AttrType.BOOL, false)
          .infer(
              node -> {
                sameShapes(node, 0, 1);
                return List.of(sameShapes(node, 0, 3));
              })
          .lower(momentum())
          .stateful()
          .notDifferentiable()
          .define();

  /** Whether {@code variable} has been assigned a value. */
  default Tensor isVariableInitialized(TensorLike variable) {
    return isVariableInitialized(variable, "IsVariableInitialized");
  }

  /** As {@link #isVariableInitialized(TensorLike)}, named. */
  default Tensor isVariableInitialized(TensorLike variable, String name) {
    return operation(IS_VARIABLE_INITIALIZED, name)
        .input(References.of(variable))
        .build()
        .output(0);
  }

  /**
   * Assigns {@code value} when it is run, and is the variable with that value.
   *
   * @param variable a variable, or what another assignment returned
   */
  default Tensor assign(TensorLike variable, TensorLike value) {
    return assign(variable, value, "Assign");
  }

  /** As {@link #assign(TensorLike, TensorLike)}, named. */
  default Tensor assign(TensorLike variable, TensorLike value, String name) {
    return operation(ASSIGN, name).input(References.of(variable)).input(value).build().output(0);
  }

  /** Adds {@code value} to a variable when it is run, and is the variable with the sum. */
  default Tensor assignAdd(TensorLike variable, TensorLike value) {
    return assignAdd(variable, value, "AssignAdd");
  }

  /** As {@link #assignAdd(TensorLike, TensorLike)}, named. */
  default Tensor assignAdd(TensorLike variable, TensorLike value, String name) {
    return operation(ASSIGN_ADD, name)
        .input(References.of(variable))
        .input(value)
        .build()
        .output(0);
  }

  /** Subtracts {@code value} from a variable when it is run. */
  default Tensor assignSub(TensorLike variable, TensorLike value) {
    return assignSub(variable, value, "AssignSub");
  }

  /** As {@link #assignSub(TensorLike, TensorLike)}, named. */
  default Tensor assignSub(TensorLike variable, TensorLike value, String name) {
    return operation(ASSIGN_SUB, name)
        .input(References.of(variable))
        .input(value)
        .build()
        .output(0);
  }

  /** Subtracts {@code alpha · delta} from a variable when it is run. */
  default Tensor applyGradientDescent(
      TensorLike variable, TensorLike alpha, TensorLike delta, String name) {
    return operation(APPLY_GRADIENT_DESCENT, name)
        .input(References.of(variable))
        .input(alpha)
        .input(delta)
        .build()
        .output(0);
  }

  /** Takes a step of gradient descent with momentum when it is run. */
  default Tensor applyMomentum(
      TensorLike variable,
      TensorLike accumulator,
      TensorLike learningRate,
      TensorLike gradient,
      TensorLike momentum,
      boolean nesterov,
      String name) {
    return operation(APPLY_MOMENTUM, name)
        .input(References.of(variable))
        .input(References.of(accumulator))
        .input(learningRate)
        .input(gradient)
        .input(momentum)
        .attr("use_nesterov", nesterov)
        .build()
        .output(0);
  }

  private static Declaration update(String type, BinaryOperator<Expr> rule) {
    Builder builder =
        op(type)
            .variableInput("ref", "T")
            .input("value", "T")
            .variableOutput("output_ref", "T")
            .type("T", Types.NUMERIC)
            .attr("use_locking", AttrType.BOOL, false)
            .infer(node -> List.of(sameShapes(node, 0, 1)))
            .lower(
                (node, program) -> {
                  Value next =
                      program.map(
                          node.dtype(0),
                          node.shape(0),
                          (k, at) ->
                              rule.apply(
                                  k.load(program.input(0), at), k.load(program.input(1), at)));
                  program.update(0, next);
                  program.output(0, next);
                });
    return builder.stateful().notDifferentiable().define();
  }

  private static Inference assigned() {
    return node -> {
      Shape variable = node.shape(0);
      Shape value = node.shape(1);
      if (!node.attributes().flag("validate_shape")) {
        return List.of(value);
      }
      if (Inferences.isRunning(node, variable, value) && !variable.equals(value)) {
        throw new OpException(
            "Assign requires shapes of both tensors to match. lhs shape= %s rhs shape= %s"
                .formatted(variable.toRuntimeString(), value.toRuntimeString()));
      }
      return List.of(Inferences.merge(variable, value));
    };
  }

  private static Shape sameShapes(InferenceContext node, int a, int b) {
    return Inferences.merge(node.shape(a), node.shape(b));
  }

  private static Lowering momentum() {
    return (node, program) -> {
      boolean nesterov = node.attributes().flag("use_nesterov");
      Value[] in = new Value[5];
      for (int i = 0; i < in.length; i++) {
        in[i] = program.input(i);
      }
      KernelBuilder k = program.kernel(node.shape(0).dims());
      Value variable = k.output(node.dtype(0), node.shape(0));
      Value accumulator = k.output(node.dtype(0), node.shape(0));
      List<Expr> at = k.outer();
      Expr rate = k.load(in[2]);
      Expr gradient = k.load(in[3], at);
      Expr momentum = k.load(in[4]);
      Expr sum = Scalar.add(Scalar.mul(k.load(in[1], at), momentum), gradient);
      Expr step =
          nesterov
              ? Scalar.add(Scalar.mul(gradient, rate), Scalar.mul(Scalar.mul(sum, momentum), rate))
              : Scalar.mul(rate, sum);
      k.store(variable, at, Scalar.sub(k.load(in[0], at), step));
      k.store(accumulator, at, sum);
      k.finish();
      program.update(0, variable);
      program.update(1, accumulator);
      program.output(0, variable);
    };
  }
}
