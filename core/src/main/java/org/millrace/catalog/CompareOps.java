package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.op.Lowering;
import org.millrace.op.Lowerings;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Comparisons, logic and choices. */
public interface CompareOps extends Family {
  /** {@code x = y}. */
  Declaration EQUAL = comparison("Equal", Types.FIXED_SIZE, Scalar::eq);

  /** {@code x ≠ y}. */
  Declaration NOT_EQUAL = comparison("NotEqual", Types.FIXED_SIZE, Scalar::ne);

  /** {@code x < y}. */
  Declaration LESS = comparison("Less", Types.NUMERIC, Scalar::lt);

  /** {@code x ≤ y}. */
  Declaration LESS_EQUAL = comparison("LessEqual", Types.NUMERIC, Scalar::le);

  /** {@code x > y}. */
  Declaration GREATER = comparison("Greater", Types.NUMERIC, Scalar::gt);

  /** {@code x ≥ y}. */
  Declaration GREATER_EQUAL = comparison("GreaterEqual", Types.NUMERIC, Scalar::ge);

  /** {@code x ∧ y}. */
  Declaration LOGICAL_AND = logical("LogicalAnd", Scalar::and);

  /** {@code x ∨ y}. */
  Declaration LOGICAL_OR = logical("LogicalOr", Scalar::or);

  /** {@code ¬x}. */
  Declaration LOGICAL_NOT =
      op("LogicalNot")
          .input("x", DType.BOOL)
          .output("y", DType.BOOL)
          .infer(Inferences.sameAs(0))
          .lower(Lowerings.map(Scalar::not))
          .notDifferentiable()
          .define();

  /**
   * {@code t} where the condition holds, else {@code e}. The condition has the shape of both, or is
   * a scalar, or a vector that chooses along the first dimension.
   */
  Declaration SELECT =
      op("Select")
          .input("condition", DType.BOOL)
          .input("t", "T")
          .input("e", "T")
          .output("output", "T")
          .type("T", Types.FIXED_SIZE)
          .infer(node -> List.of(chosenShape(node)))
          .lower(choice())
          .gradientOfAll(
              (g, op, dys) -> {
                Tensor zeros = g.zerosLike(op.inputs().get(1));
                return List.of(
                    Optional.empty(),
                    Optional.of(g.where(op.inputs().get(0), dys.first(), zeros)),
                    Optional.of(g.where(op.inputs().get(0), zeros, dys.first())));
              })
          .define();

  /** {@code t} where the condition holds, else {@code e}; all three are broadcast. */
  Declaration SELECT_V2 =
      op("SelectV2")
          .input("condition", DType.BOOL)
          .input("t", "T")
          .input("e", "T")
          .output("output", "T")
          .type("T", Types.FIXED_SIZE)
          .infer(Inferences.broadcast())
          .lower(Lowerings.mapAll(in -> Scalar.select(in.get(0), in.get(1), in.get(2))))
          .gradientOfAll(
              (g, op, dys) -> {
                Tensor zero = g.number(0, dys.first().dtype());
                Tensor gt = g.whereV2(op.inputs().get(0), dys.first(), zero);
                Tensor ge = g.whereV2(op.inputs().get(0), zero, dys.first());
                return List.of(
                    Optional.empty(),
                    Optional.of(Broadcasting.reduced(g, op.inputs().get(1), op.output(0), gt)),
                    Optional.of(Broadcasting.reduced(g, op.inputs().get(2), op.output(0), ge)));
              })
          .define();

  /** {@code x = y}. */
  default Tensor equal(TensorLike x, TensorLike y) {
    return apply(EQUAL, x, y);
  }

  /** As {@link #equal(TensorLike, TensorLike)}, named. */
  default Tensor equal(TensorLike x, TensorLike y, String name) {
    return apply(name, EQUAL, x, y);
  }

  /** {@code x ≠ y}. */
  default Tensor notEqual(TensorLike x, TensorLike y) {
    return apply(NOT_EQUAL, x, y);
  }

  /** As {@link #notEqual(TensorLike, TensorLike)}, named. */
  default Tensor notEqual(TensorLike x, TensorLike y, String name) {
    return apply(name, NOT_EQUAL, x, y);
  }

  /** {@code x < y}. */
  default Tensor less(TensorLike x, TensorLike y) {
    return apply(LESS, x, y);
  }

  /** As {@link #less(TensorLike, TensorLike)}, named. */
  default Tensor less(TensorLike x, TensorLike y, String name) {
    return apply(name, LESS, x, y);
  }

  /** {@code x ≤ y}. */
  default Tensor lessEqual(TensorLike x, TensorLike y) {
    return apply(LESS_EQUAL, x, y);
  }

  /** As {@link #lessEqual(TensorLike, TensorLike)}, named. */
  default Tensor lessEqual(TensorLike x, TensorLike y, String name) {
    return apply(name, LESS_EQUAL, x, y);
  }

  /** {@code x > y}. */
  default Tensor greater(TensorLike x, TensorLike y) {
    return apply(GREATER, x, y);
  }

  /** As {@link #greater(TensorLike, TensorLike)}, named. */
  default Tensor greater(TensorLike x, TensorLike y, String name) {
    return apply(name, GREATER, x, y);
  }

  /** {@code x ≥ y}. */
  default Tensor greaterEqual(TensorLike x, TensorLike y) {
    return apply(GREATER_EQUAL, x, y);
  }

  /** As {@link #greaterEqual(TensorLike, TensorLike)}, named. */
  default Tensor greaterEqual(TensorLike x, TensorLike y, String name) {
    return apply(name, GREATER_EQUAL, x, y);
  }

  /** {@code x ∧ y}. */
  default Tensor logicalAnd(TensorLike x, TensorLike y) {
    return apply(LOGICAL_AND, x, y);
  }

  /** As {@link #logicalAnd(TensorLike, TensorLike)}, named. */
  default Tensor logicalAnd(TensorLike x, TensorLike y, String name) {
    return apply(name, LOGICAL_AND, x, y);
  }

  /** {@code x ∨ y}. */
  default Tensor logicalOr(TensorLike x, TensorLike y) {
    return apply(LOGICAL_OR, x, y);
  }

  /** As {@link #logicalOr(TensorLike, TensorLike)}, named. */
  default Tensor logicalOr(TensorLike x, TensorLike y, String name) {
    return apply(name, LOGICAL_OR, x, y);
  }

  /** {@code ¬x}. */
  default Tensor logicalNot(TensorLike x) {
    return apply(LOGICAL_NOT, x);
  }

  /** As {@link #logicalNot(TensorLike)}, named. */
  default Tensor logicalNot(TensorLike x, String name) {
    return apply(name, LOGICAL_NOT, x);
  }

  /** {@code x} where the condition holds, else {@code y}, which have one shape. */
  default Tensor where(TensorLike condition, TensorLike x, TensorLike y) {
    return where(condition, x, y, "Select");
  }

  /** As {@link #where(TensorLike, TensorLike, TensorLike)}, named. */
  default Tensor where(TensorLike condition, TensorLike x, TensorLike y, String name) {
    return apply(name, SELECT, condition, x, y);
  }

  /** {@code x} where the condition holds, else {@code y}; all three are broadcast. */
  default Tensor whereV2(TensorLike condition, TensorLike x, TensorLike y) {
    return whereV2(condition, x, y, "SelectV2");
  }

  /** As {@link #whereV2(TensorLike, TensorLike, TensorLike)}, named. */
  default Tensor whereV2(TensorLike condition, TensorLike x, TensorLike y, String name) {
    return apply(name, SELECT_V2, condition, x, y);
  }

  private static Declaration comparison(String type, DType[] types, BinaryOperator<Expr> f) {
    return op(type)
        .input("x", "T")
        .input("y", "T")
        .output("z", DType.BOOL)
        .type("T", types)
        .infer(Inferences.broadcast())
        .lower(Lowerings.map2(f))
        .notDifferentiable()
        .define();
  }

  private static Declaration logical(String type, BinaryOperator<Expr> f) {
    return op(type)
        .input("x", DType.BOOL)
        .input("y", DType.BOOL)
        .output("z", DType.BOOL)
        .infer(Inferences.broadcast())
        .lower(Lowerings.map2(f))
        .notDifferentiable()
        .define();
  }

  private static Shape chosenShape(InferenceContext node) {
    Shape condition = node.shape(0);
    Shape data = Inferences.merge(node.shape(1), node.shape(2));
    if (!condition.hasRank() || !data.hasRank() || condition.rank() == 0) {
      return data;
    }
    if (condition.rank() == 1 && data.rank() > 1) {
      long rows = condition.dim(0);
      if (rows != Shape.UNKNOWN && data.dim(0) != Shape.UNKNOWN && rows != data.dim(0)) {
        throw new OpException(
            "Number of batches of 'then' must match size of 'cond', but saw: %d vs. %d"
                .formatted(data.dim(0), rows));
      }
      return data;
    }
    return Inferences.merge(condition, data);
  }

  private static Lowering choice() {
    return (node, program) ->
        program.output(
            0,
            program.map(
                node.dtype(1),
                node.shape(1),
                (k, at) -> {
                  List<Expr> where = new ArrayList<>(at.subList(0, node.shape(0).rank()));
                  return Scalar.select(
                      k.load(program.input(0), where),
                      k.load(program.input(1), at),
                      k.load(program.input(2), at));
                }));
  }
}
