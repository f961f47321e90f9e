package org.millrace.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Scope;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.graph.Variable;
import org.millrace.op.OpException;
import org.millrace.ops.Ops;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * A graph of random operations on tensors of random types and shapes, also empty ones, with values
 * among which are the extremes of the type; the same for the same seed.
 */
public final class RandomGraph {
  private static final DType[] TYPES = {
    DType.FLOAT32,
    DType.FLOAT32,
    DType.FLOAT32,
    DType.FLOAT64,
    DType.FLOAT16,
    DType.BFLOAT16,
    DType.INT32,
    DType.INT32,
    DType.INT64,
    DType.INT8,
    DType.INT16,
    DType.UINT8,
    DType.UINT32,
    DType.UINT64,
    DType.BOOL
  };

  private final Random random;
  private final boolean products;
  private final long[] extents;
  private final DType[] types;
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Variable> variables = new ArrayList<>();
  private final List<Operation> effects = new ArrayList<>();
  private final Ops tf;
  private final List<Supplier<Tensor>> builders = new ArrayList<>();
  private Feeds feeds = Feeds.none();

  /**
   * Adds some {@code size} nodes to a graph.
   *
   * @param products whether matrix products are among them, whose last bits libraries choose
   */
  public RandomGraph(Graph graph, long seed, int size, boolean products) {
    tf = Ops.on(graph);
    random = new Random(seed);
    this.products = products;
    extents =
        new long[] {1 + random.nextInt(9), 1 + random.nextInt(5), random.nextInt(12) == 0 ? 0 : 2};
    types = new DType[] {pickType(), pickType(), pickType()};
    if (products) {
      types[0] = DType.FLOAT32;
    }
    addElementwise();
    addArrays();
    addRows();
    addState();
    for (int i = 2 + random.nextInt(3); i > 0; i--) {
      addPlaceholder();
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      addVariable();
    }
    for (int i = 0, tries = 0; i < size && tries < 20 * size; tries++) {
      try (Scope _ = dependencies()) {
        Tensor made = builders.get(random.nextInt(builders.size())).get();
        if (made != null && fits(made)) {
          tensors.add(made);
          i++;
        }
      } catch (OpException e) {
        // These inputs do not fit this operation.
      }
    }
  }

  /** Every tensor, those that change variables among them. */
  public List<Tensor> tensors() {
    return tensors;
  }

  /** The variables. */
  public List<Variable> variables() {
    return variables;
  }

  /** Gives the variables their first values. */
  public Operation initializer() {
    return tf.variablesInitializer(variables, "init_all");
  }

  /** Values of the placeholders. */
  public Feeds feeds() {
    return feeds;
  }

  /** Some of the tensors, in some order, now and then twice. */
  public List<Tensor> someTensors(Random chooser) {
    List<Tensor> some = new ArrayList<>();
    for (int i = 1 + chooser.nextInt(4); i > 0; i--) {
      some.add(tensors.get(chooser.nextInt(tensors.size())));
    }
    return some;
  }

  private boolean fits(Tensor made) {
    return !made.shape().hasRank()
        || made.shape().rank() <= 5
            && (!made.shape().isFullyDefined() || made.shape().elements() < 3000);
  }

  private Scope dependencies() {
    if (effects.isEmpty() || random.nextInt(4) > 0) {
      return tf.controlDependencies();
    }
    return tf.controlDependencies(effects.get(random.nextInt(effects.size())));
  }

  private DType pickType() {
    return TYPES[random.nextInt(TYPES.length)];
  }

  private Shape pickShape() {
    int rank = random.nextInt(4);
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = random.nextInt(5) == 0 ? 1 : extents[random.nextInt(extents.length)];
    }
    return Shape.of(dims);
  }

  private void addPlaceholder() {
    Shape shape = pickShape();
    DType type = types[random.nextInt(types.length)];
    Shape declared =
        switch (random.nextInt(4)) {
          case 0 -> Shape.unknown();
          case 1 -> Shape.unknownOfRank(shape.rank());
          default -> shape;
        };
    Tensor placeholder = tf.placeholder(type, declared);
    feeds = feeds.and(placeholder, values(type, shape));
    tensors.add(placeholder);
  }

  private void addVariable() {
    DType type = types[random.nextInt(types.length)];
    Variable variable = tf.variable(values(type, pickShape()), "v", false);
    variables.add(variable);
    tensors.add(variable.asTensor());
  }

  private NDArray values(DType type, Shape shape) {
    double[] values = new double[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(type);
    }
    return NDArray.doubles(shape, values).cast(type);
  }

  private double value(DType type) {
    if (type == DType.BOOL) {
      return random.nextInt(2);
    }
    if (type.isFloating()) {
      return switch (random.nextInt(20)) {
        case 0 -> Double.NaN;
        case 1 -> random.nextBoolean() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
        case 2 -> random.nextBoolean() ? 0.0 : -0.0;
        case 3 -> random.nextGaussian() * 1e-39;
        case 4 -> random.nextGaussian() * 1e30;
        case 5, 6, 7 -> random.nextInt(9) - 4;
        default -> random.nextGaussian();
      };
    }
    if (type.isUnsigned()) {
      return random.nextInt(6) == 0 ? random.nextInt(256) : random.nextInt(7);
    }
    return random.nextInt(6) == 0 ? random.nextInt(256) - 128 : random.nextInt(9) - 4;
  }

  private Tensor any() {
    int n = tensors.size();
    int back = random.nextInt(3) == 0 ? n : Math.min(n, 6);
    return tensors.get(n - 1 - random.nextInt(back));
  }

  private Tensor any(Predicate<Tensor> wanted) {
    for (int i = 0; i < 12; i++) {
      Tensor t = any();
      if (wanted.test(t)) {
        return t;
      }
    }
    throw new OpException("no such tensor");
  }

  private Tensor like(Tensor other) {
    return any(t -> t.dtype() == other.dtype());
  }

  private Tensor number() {
    return any(t -> t.dtype().isNumeric());
  }

  private Tensor floating() {
    return any(t -> t.dtype().isFloating());
  }

  private Tensor ranked(int least) {
    return any(t -> t.shape().hasRank() && t.shape().rank() >= least);
  }

  private Tensor rankedNumber(int least) {
    return any(t -> t.dtype().isNumeric() && t.shape().hasRank() && t.shape().rank() >= least);
  }

  private Tensor known(int least) {
    return any(t -> t.shape().isFullyDefined() && t.shape().rank() >= least);
  }

  private int axisOf(Tensor t) {
    int rank = t.shape().rank();
    return random.nextInt(2 * rank) - rank;
  }

  private int[] axesOf(Tensor t) {
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < t.shape().rank(); i++) {
      if (random.nextBoolean()) {
        axes.add(random.nextBoolean() ? i : i - t.shape().rank());
      }
    }
    return axes.stream().mapToInt(Integer::intValue).toArray();
  }

  private void one(int weight, Supplier<Tensor> builder) {
    for (int i = 0; i < weight; i++) {
      builders.add(builder);
    }
  }

  private interface Binary {
    Tensor of(TensorLike x, TensorLike y);
  }

  private void binary(Binary op) {
    one(
        1,
        () -> {
          Tensor x = any();
          return op.of(x, like(x));
        });
  }

  private void unary(Function<TensorLike, Tensor> op) {
    one(1, () -> op.apply(any()));
  }

  private void function(Function<TensorLike, Tensor> op) {
    one(1, () -> op.apply(floating()));
  }

  private void addElementwise() {
    for (int i = 0; i < 3; i++) {
      binary(tf::add);
      binary(tf::sub);
      binary(tf::mul);
    }
    binary(tf::realDiv);
    binary(tf::pow);
    binary(tf::maximum);
    binary(tf::minimum);
    binary(tf::squaredDifference);
    binary(tf::equal);
    binary(tf::notEqual);
    binary(tf::less);
    binary(tf::lessEqual);
    binary(tf::greater);
    binary(tf::greaterEqual);
    binary(tf::logicalAnd);
    binary(tf::logicalOr);
    unary(tf::logicalNot);
    unary(tf::neg);
    unary(tf::abs);
    unary(tf::sign);
    unary(tf::square);
    unary(tf::relu);
    unary(tf::relu6);
    unary(tf::identity);
    unary(tf::stopGradient);
    unary(tf::zerosLike);
    unary(tf::onesLike);
    function(tf::sqrt);
    function(tf::rsqrt);
    function(tf::reciprocal);
    function(tf::floor);
    function(tf::ceil);
    function(tf::rint);
    function(tf::round);
    function(tf::exp);
    function(tf::expm1);
    function(tf::log);
    function(tf::log1p);
    function(tf::sin);
    function(tf::cos);
    function(tf::erf);
    function(tf::tanh);
    function(tf::sigmoid);
    function(tf::elu);
    function(tf::softplus);
    one(3, () -> tf.cast(any(), types[random.nextInt(types.length)]));
    one(1, () -> tf.cast(any(), pickType()));
    for (Binary op :
        List.<Binary>of(tf::floorDiv, tf::floorMod, tf::truncateDiv, tf::truncateMod)) {
      one(1, () -> divided(op));
    }
    one(
        3,
        () -> {
          Tensor x = any();
          return tf.whereV2(any(t -> t.dtype() == DType.BOOL), x, like(x));
        });
    one(
        1,
        () -> {
          Tensor x = any();
          return tf.where(any(t -> t.dtype() == DType.BOOL), x, like(x));
        });
    one(
        1,
        () -> {
          Tensor x = number();
          return tf.addN(List.of(x, like(x), x));
        });
    one(1, () -> tf.add(number(), tf.number(random.nextInt(4), DType.FLOAT32)));
    one(2, () -> tf.constant(values(types[random.nextInt(3)], pickShape())));
  }

  private Tensor divided(Binary op) {
    Tensor x = number();
    Tensor y = like(x);
    if (random.nextInt(30) > 0 && y.dtype().isInteger()) {
      y = tf.maximum(y, tf.onesLike(y));
    }
    return op.of(x, y);
  }

  private void addArrays() {
    one(
        2,
        () -> {
          Tensor x = ranked(0);
          List<Integer> perm = new ArrayList<>();
          for (int i = 0; i < x.shape().rank(); i++) {
            perm.add(random.nextInt(i + 1), i);
          }
          return tf.transpose(x, perm.stream().mapToInt(Integer::intValue).toArray());
        });
    one(
        1,
        () -> {
          Tensor x = known(0);
          return tf.reshape(x, x.shape().elements());
        });
    one(
        1,
        () -> {
          Tensor x = known(1);
          return tf.reshape(x, x.shape().dim(0), -1);
        });
    one(1, () -> tf.reshape(any(), -1));
    one(1, () -> tf.reshape(any(), tf.shape(any())));
    one(1, () -> tf.expandDims(ranked(0), 0));
    one(1, () -> tf.expandDims(ranked(0), -1));
    one(1, () -> tf.squeeze(ranked(1)));
    one(1, () -> tf.broadcastTo(any(), tf.shape(any())));
    one(1, () -> tf.cast(tf.shape(any()), types[0]));
    one(1, () -> tf.cast(tf.size(any()), types[1]));
    one(1, () -> tf.range(random.nextInt(5)));
    one(1, () -> tf.cast(tf.range(random.nextInt(9)), types[1]));
    one(
        2,
        () -> {
          Tensor x = ranked(1);
          Tensor y = any(t -> t.dtype() == x.dtype() && t.shape().hasRank());
          return tf.concat(List.of(x, y, x), axisOf(x));
        });
    one(
        1,
        () -> {
          Tensor x = ranked(0);
          return tf.stack(List.of(x, like(x)), 0);
        });
    one(1, () -> pick(tf.unstack(known(1), 0)));
    one(1, () -> pick(tf.split(ranked(1), 2, 0)));
    one(1, () -> pick(tf.split(ranked(1), 1, -1)));
    one(
        1,
        () -> {
          Tensor x = ranked(1);
          int[][] paddings = new int[x.shape().rank()][2];
          paddings[random.nextInt(paddings.length)][random.nextInt(2)] = random.nextInt(3);
          return tf.pad(x, paddings);
        });
    one(
        1,
        () -> {
          Tensor x = ranked(1);
          int[] multiples = new int[x.shape().rank()];
          Arrays.fill(multiples, 1);
          multiples[random.nextInt(multiples.length)] = random.nextInt(4);
          return tf.tile(x, multiples);
        });
    one(
        2,
        () -> {
          Tensor x = known(1);
          long[] begin = new long[x.shape().rank()];
          long[] size = new long[begin.length];
          for (int i = 0; i < begin.length; i++) {
            begin[i] = random.nextInt((int) x.shape().dim(i) + 1);
            size[i] =
                random.nextBoolean() ? -1 : random.nextInt((int) (x.shape().dim(i) - begin[i]) + 1);
          }
          return tf.slice(x, begin, size);
        });
    one(
        2,
        () -> {
          Tensor x = ranked(1);
          long[] begin = new long[x.shape().rank()];
          long[] end = new long[begin.length];
          long[] strides = new long[begin.length];
          for (int i = 0; i < begin.length; i++) {
            boolean forward = random.nextInt(3) > 0;
            begin[i] = forward ? random.nextInt(3) : -1 - random.nextInt(2);
            end[i] = forward ? 10 - random.nextInt(9) : -20 + random.nextInt(19);
            strides[i] = (forward ? 1 : -1) * (1 + random.nextInt(2));
          }
          return tf.stridedSlice(x, begin, end, strides);
        });
    one(
        2,
        () -> {
          Tensor x = ranked(1);
          Tensor indices = any(t -> t.dtype() == DType.INT32 || t.dtype() == DType.INT64);
          if (random.nextInt(30) > 0) {
            Tensor extent = tf.gather(tf.shape(x, indices.dtype()), tf.constant(0));
            indices = tf.floorMod(indices, tf.maximum(extent, tf.onesLike(extent)));
          }
          return tf.gather(x, indices);
        });
    one(
        1,
        () ->
            tf.unsortedSegmentSum(
                rankedNumber(1),
                any(t -> t.dtype() == DType.INT32 && t.shape().hasRank()),
                tf.constant(3)));
    one(1, () -> tf.oneHot(any(t -> t.dtype() == DType.INT32), random.nextInt(5)));
  }

  private Tensor pick(List<Tensor> outputs) {
    if (outputs.isEmpty()) {
      throw new OpException("no output");
    }
    return outputs.get(random.nextInt(outputs.size()));
  }

  private void addRows() {
    one(
        3,
        () -> {
          Tensor x = rankedNumber(0);
          return tf.reduceSum(x, random.nextBoolean(), axesOf(x));
        });
    one(
        2,
        () -> {
          Tensor x = rankedNumber(1);
          return tf.reduceSum(x, random.nextBoolean(), -1);
        });
    one(
        1,
        () -> {
          Tensor x = rankedNumber(0);
          return tf.reduceMean(x, random.nextBoolean(), axesOf(x));
        });
    one(
        1,
        () -> {
          Tensor x = rankedNumber(0);
          return tf.reduceProd(x, random.nextBoolean(), axesOf(x));
        });
    one(
        2,
        () -> {
          Tensor x = rankedNumber(0);
          return tf.reduceMax(x, random.nextBoolean(), axesOf(x));
        });
    one(
        1,
        () -> {
          Tensor x = rankedNumber(0);
          return tf.reduceMin(x, random.nextBoolean(), axesOf(x));
        });
    one(
        1,
        () -> {
          Tensor x = any(t -> t.dtype() == DType.BOOL && t.shape().hasRank());
          return random.nextBoolean()
              ? tf.reduceAny(x, random.nextBoolean(), axesOf(x))
              : tf.reduceAll(x, random.nextBoolean(), axesOf(x));
        });
    one(1, () -> tf.reduceSum(number()));
    one(1, () -> tf.reduceMax(number()));
    one(
        1,
        () -> {
          Tensor x = rankedNumber(1);
          return tf.argMax(x, axisOf(x));
        });
    one(
        1,
        () -> {
          Tensor x = rankedNumber(1);
          return tf.argMin(x, axisOf(x), DType.INT32, "ArgMin");
        });
    one(1, () -> tf.l2Loss(floating()));
    one(
        2,
        () ->
            tf.softmax(
                any(t -> t.dtype().isFloating() && t.shape().hasRank() && t.shape().rank() > 0)));
    one(
        1,
        () ->
            tf.logSoftmax(
                any(t -> t.dtype().isFloating() && t.shape().hasRank() && t.shape().rank() > 0)));
    one(
        1,
        () -> {
          Tensor x =
              any(t -> t.dtype().isFloating() && t.shape().hasRank() && t.shape().rank() == 2);
          return tf.softmaxCrossEntropyWithLogits(like(x), x);
        });
    one(
        1,
        () -> {
          Tensor x = floating();
          return tf.sigmoidCrossEntropyWithLogits(like(x), x);
        });
    one(
        1,
        () -> {
          Tensor x = rankedNumber(2);
          return tf.biasAdd(
              x, any(t -> t.dtype() == x.dtype() && t.shape().hasRank() && t.shape().rank() == 1));
        });
    if (products) {
      one(
          4,
          () -> {
            Tensor x =
                any(t -> t.dtype().isNumeric() && t.shape().hasRank() && t.shape().rank() == 2);
            return tf.matmul(
                x,
                any(t -> t.dtype() == x.dtype() && t.shape().hasRank() && t.shape().rank() == 2),
                random.nextBoolean(),
                random.nextBoolean());
          });
    }
    one(
        1,
        () ->
            tf.randomUniform(
                pickShape(), 0, 2, DType.FLOAT32, OptionalLong.of(random.nextInt(9)), "uniform"));
    one(
        1,
        () ->
            tf.truncatedNormal(
                pickShape(), 0, 2, DType.FLOAT32, OptionalLong.of(random.nextInt(9)), "normal"));
  }

  private void addState() {
    one(
        5,
        () -> {
          if (variables.isEmpty()) {
            return null;
          }
          Variable v = variables.get(random.nextInt(variables.size()));
          Tensor t = any(x -> x.dtype() == v.dtype());
          if (random.nextInt(2) == 0) {
            t = tf.add(t, tf.zerosLike(v));
          }
          Tensor made =
              switch (v.dtype() == DType.BOOL ? 0 : random.nextInt(4)) {
                case 0, 1 -> tf.assign(v, t);
                case 2 -> tf.assignAdd(v, t);
                default -> tf.assignSub(v, t);
              };
          effects.add(made.op());
          return made;
        });
    one(
        2,
        () ->
            variables.isEmpty()
                ? null
                : variables.get(random.nextInt(variables.size())).readValue());
    one(
        1,
        () ->
            variables.isEmpty()
                ? null
                : tf.mul(variables.get(random.nextInt(variables.size())), any()));
  }
}
