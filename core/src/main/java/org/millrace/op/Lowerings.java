package org.millrace.op;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.millrace.kernel.Expr;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.op.ProgramBuilder.Value;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * The lowerings that most operations need, for the catalog and for operations of users.
 *
 * <p>They index arrays dimension by dimension and never by a flat number where it can be helped:
 * fusion substitutes indices, and an index of one dimension stays readable through it.
 */
public final class Lowerings {
  private Lowerings() {}

  /** What an element of the output is, from the elements of the inputs. */
  @FunctionalInterface
  public interface Element {
    /**
     * The element, of the output's type.
     *
     * @param kernel for checks
     * @param inputs one element of each input
     */
    Expr of(LoweringContext node, KernelBuilder kernel, List<Expr> inputs);
  }

  /** The output is input 0 itself, perhaps under another shape. */
  public static Lowering alias() {
    return (_, program) -> program.output(0, program.input(0));
  }

  /** The outputs are what {@code rule} gives, which is known by then. */
  public static Lowering folded(Folding rule) {
    return (node, program) -> {
      List<NDArray> values = rule.fold(node).orElseThrow();
      for (int i = 0; i < values.size(); i++) {
        program.output(i, program.constant(values.get(i)));
      }
    };
  }

  /** Elementwise, of one input: {@code output = f(x)}. */
  public static Lowering map(UnaryOperator<Expr> f) {
    return elementwise((_, _, inputs) -> f.apply(inputs.getFirst()));
  }

  /** Elementwise, of two inputs that are broadcast: {@code output = f(x, y)}. */
  public static Lowering map2(BinaryOperator<Expr> f) {
    return elementwise((_, _, inputs) -> f.apply(inputs.get(0), inputs.get(1)));
  }

  /** Elementwise, of all inputs, which are broadcast. */
  public static Lowering mapAll(Function<List<Expr>, Expr> f) {
    return elementwise((_, _, inputs) -> f.apply(inputs));
  }

  /** Elementwise, of all inputs, which are broadcast, with checks. */
  public static Lowering elementwise(Element element) {
    return (node, program) ->
        program.output(
            0,
            program.map(
                node.outputs().getFirst().dtype(),
                node.outputs().getFirst().shape(),
                (kernel, index) -> {
                  List<Expr> inputs = new ArrayList<>();
                  for (int i = 0; i < node.inputs().size(); i++) {
                    inputs.add(at(kernel, program.input(i), index));
                  }
                  return element.of(node, kernel, inputs);
                }));
  }

  /**
   * Each element of the output is an element of input 0.
   *
   * @param index from the output's index to the input's
   */
  public static Lowering moved(IndexMap index) {
    return (node, program) ->
        program.output(
            0,
            program.map(
                node.outputs().getFirst().dtype(),
                node.outputs().getFirst().shape(),
                (kernel, at) -> kernel.load(program.input(0), index.of(node, at))));
  }

  /** From the index of an output to that of an input. */
  @FunctionalInterface
  public interface IndexMap {
    /** The index of the input. */
    List<Expr> of(LoweringContext node, List<Expr> index);
  }

  /**
   * Input 0 reduced over the axes that input 1, a host input, names. With {@link
   * Inferences#reduction()}.
   */
  public static Lowering reduce(Reduction reduction) {
    return (node, program) -> {
      List<Integer> axes =
          Inferences.reducedAxes(node.constant(1).orElseThrow(), node.shape(0).rank());
      DType type = node.outputs().getFirst().dtype();
      program.output(0, reduction.over(program, program.input(0), axes, type));
    };
  }

  /** As {@link #reduce(Reduction)}, of the elements as they are. */
  public static Lowering reduce(ReduceOp op) {
    return reduce(Reduction.of(op));
  }

  /**
   * The element of {@code value} at {@code index} of a shape that it is broadcast to: missing
   * dimensions and those of extent 1 stretch.
   */
  public static Expr at(KernelBuilder kernel, Value value, List<Expr> index) {
    int missing = index.size() - value.shape().rank();
    List<Expr> own = new ArrayList<>();
    for (int axis = 0; axis < value.shape().rank(); axis++) {
      own.add(value.shape().dim(axis) == 1 ? Scalar.index(0) : index.get(axis + missing));
    }
    return kernel.load(value, own);
  }

  /** The index within {@code shape} whose row-major number is {@code number}. */
  public static List<Expr> unflatten(KernelBuilder kernel, Shape shape, Expr number) {
    List<Expr> index = new ArrayList<>();
    Expr rest = number;
    for (int axis = shape.rank() - 1; axis > 0; axis--) {
      Expr extent = kernel.size(shape.dim(axis));
      index.addFirst(Scalar.rem(rest, extent));
      rest = Scalar.div(rest, extent);
    }
    if (shape.rank() > 0) {
      index.addFirst(rest);
    }
    return index;
  }

  /** The row-major number of {@code index} within {@code shape}. */
  public static Expr flatten(KernelBuilder kernel, Shape shape, List<Expr> index) {
    Expr number = Scalar.index(0);
    for (int axis = 0; axis < shape.rank(); axis++) {
      number =
          axis == 0
              ? index.getFirst()
              : Scalar.add(Scalar.mul(number, kernel.size(shape.dim(axis))), index.get(axis));
    }
    return number;
  }

  /** The type in which sums of {@code type} are accumulated: float32 for the 16-bit types. */
  public static DType wide(DType type) {
    return type.isFloating() && type.bytes() == 2 ? DType.FLOAT32 : type;
  }
}
