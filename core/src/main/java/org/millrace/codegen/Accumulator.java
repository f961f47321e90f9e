package org.millrace.codegen;

import java.util.List;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Bits;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.UnaryOp;
import org.millrace.tensor.DType;

/**
 * How one lane of a reduction is kept and joined with another. An arg-reduction keeps the value and
 * its number, −1 while there is none.
 */
record Accumulator(ReduceOp op, DType element) {
  private static final GridValue NONE = GridValue.index(-1);

  /** The types of the parts of the state. */
  List<DType> parts() {
    return isArgument() ? List.of(element, DType.INT64) : List.of(element);
  }

  /** The state before any element. */
  List<GridValue> identity() {
    return isArgument() ? List.of(literal(0), NONE) : List.of(neutral());
  }

  /** The state after {@code value}, whose number is {@code index}. */
  List<GridValue> take(Emitter emitter, List<GridValue> state, GridValue value, GridValue index) {
    if (!isArgument()) {
      return List.of(binary(emitter, scalarOp(), state.get(0), value));
    }
    GridValue empty = binary(emitter, BinaryOp.LT, state.get(1), GridValue.index(0));
    GridValue better = better(emitter, value, state.get(0));
    GridValue takes = binary(emitter, BinaryOp.OR, empty, better);
    return select(emitter, takes, List.of(value, index), state);
  }

  /** The state of the elements of both {@code a} and {@code b}. */
  List<GridValue> join(Emitter emitter, List<GridValue> a, List<GridValue> b) {
    if (!isArgument()) {
      return List.of(binary(emitter, scalarOp(), a.get(0), b.get(0)));
    }
    GridValue empty = binary(emitter, BinaryOp.LT, a.get(1), GridValue.index(0));
    GridValue better = better(emitter, b.get(0), a.get(0));
    GridValue worse = better(emitter, a.get(0), b.get(0));
    GridValue earlier = binary(emitter, BinaryOp.LT, b.get(1), a.get(1));
    GridValue tied = and(emitter, not(emitter, worse), earlier);
    GridValue present = binary(emitter, BinaryOp.GE, b.get(1), GridValue.index(0));
    GridValue wins = binary(emitter, BinaryOp.OR, better, tied);
    GridValue takes = and(emitter, present, binary(emitter, BinaryOp.OR, empty, wins));
    return select(emitter, takes, b, a);
  }

  /** The result of the reduction. */
  GridValue result(Emitter emitter, List<GridValue> state) {
    return isArgument()
        ? binary(emitter, BinaryOp.MAX, state.get(1), GridValue.index(0))
        : state.get(0);
  }

  private boolean isArgument() {
    return op == ReduceOp.ARG_MAX || op == ReduceOp.ARG_MIN;
  }

  /** Whether {@code x} beats {@code y}: a NaN beats every number and nothing beats a NaN. */
  private GridValue better(Emitter emitter, GridValue x, GridValue y) {
    BinaryOp strict = op == ReduceOp.ARG_MAX ? BinaryOp.GT : BinaryOp.LT;
    if (!element.isFloating()) {
      return binary(emitter, strict, x, y);
    }
    BinaryOp loose = op == ReduceOp.ARG_MAX ? BinaryOp.LE : BinaryOp.GE;
    GridValue number = binary(emitter, BinaryOp.EQ, y, y);
    return and(emitter, number, not(emitter, binary(emitter, loose, x, y)));
  }

  private BinaryOp scalarOp() {
    return switch (op) {
      case SUM -> BinaryOp.ADD;
      case PROD -> BinaryOp.MUL;
      case MAX -> BinaryOp.MAX;
      case MIN -> BinaryOp.MIN;
      case ANY -> BinaryOp.OR;
      case ALL -> BinaryOp.AND;
      case ARG_MAX, ARG_MIN -> throw new IllegalStateException(op + " is not a scalar operation");
    };
  }

  private GridValue neutral() {
    return switch (op) {
      case SUM, ANY -> literal(0);
      case PROD, ALL -> literal(1);
      case MAX -> extreme(-1);
      case MIN -> extreme(1);
      case ARG_MAX, ARG_MIN -> throw new IllegalStateException(op + " has no neutral value");
    };
  }

  private GridValue extreme(int sign) {
    if (element.isFloating()) {
      return literal(sign * Double.POSITIVE_INFINITY);
    }
    int width = element == DType.BOOL ? 1 : 8 * element.bytes();
    if (element == DType.BOOL || element.isUnsigned()) {
      long greatest = width == 64 ? -1L : (1L << width) - 1;
      return new GridValue.Literal(element, sign > 0 ? greatest : 0);
    }
    long least = -1L << (width - 1);
    return new GridValue.Literal(element, sign > 0 ? ~least : least);
  }

  private GridValue literal(double value) {
    return new GridValue.Literal(element, Bits.of(element, value));
  }

  private static List<GridValue> select(
      Emitter emitter, GridValue condition, List<GridValue> a, List<GridValue> b) {
    return List.of(
        emitter.emit(new GridOp.Select(condition, a.get(0), b.get(0))),
        emitter.emit(new GridOp.Select(condition, a.get(1), b.get(1))));
  }

  private static GridValue binary(Emitter emitter, BinaryOp op, GridValue a, GridValue b) {
    return emitter.emit(new GridOp.Binary(op, a, b));
  }

  private static GridValue and(Emitter emitter, GridValue a, GridValue b) {
    return binary(emitter, BinaryOp.AND, a, b);
  }

  private static GridValue not(Emitter emitter, GridValue a) {
    return emitter.emit(new GridOp.Unary(UnaryOp.NOT, a));
  }
}
