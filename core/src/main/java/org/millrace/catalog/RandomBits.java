package org.millrace.catalog;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Loop;
import org.millrace.kernel.Philox;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Transcendental;
import org.millrace.op.KernelBuilder;
import org.millrace.op.LoweringContext;
import org.millrace.op.Lowerings;
import org.millrace.op.ProgramBuilder;
import org.millrace.op.ProgramBuilder.Value;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/**
 * Random numbers from blocks of Philox, bit by bit as TensorFlow makes them: outputs come in groups
 * of four (two of 64 bits), group {@code g} from the block {@code counter + g}. The blocks of an
 * operation begin where its last run, which reserved {@value #RESERVED} for each output, ended.
 */
final class RandomBits {
  private static final long RESERVED = 256;
  private static final int WORDS = 4;

  /**
   * From so many outputs on, a kernel more costs less than computing each group for each output.
   */
  private static final long MANY = 1024;

  private static final double LEAST_UNIFORM = 1e-7;
  private static final double TRUNCATION = 2;

  /** What the outputs of group {@code number} depend on; those wanted are in {@code lanes}. */
  private record Group(Expr key, Expr counter, Expr seed2, Expr number, List<Expr> lanes) {
    /** The four words of the block so far from the first. */
    List<Expr> block(Expr offset) {
      return Philox.block(key, Scalar.add(counter, offset), seed2);
    }

    List<Expr> block() {
      return block(number);
    }

    /** The wanted ones of the values of a group. */
    List<Expr> wanted(List<Expr> values) {
      return lanes.stream().map(lane -> choose(lane, values)).toList();
    }
  }

  private RandomBits() {}

  static void uniform(LoweringContext node, ProgramBuilder program) {
    DType type = node.outputs().getFirst().dtype();
    draw(
        node,
        program,
        (_, group) -> {
          List<Expr> words = group.block();
          return type == DType.FLOAT64
              ? group.wanted(pairs(words).stream().map(pair -> Philox.uniform(type, pair)).toList())
              : group.wanted(words).stream()
                  .map(word -> Philox.uniform(type, List.of(word)))
                  .toList();
        });
  }

  static void normal(LoweringContext node, ProgramBuilder program) {
    DType type = node.outputs().getFirst().dtype();
    draw(node, program, (_, group) -> cast(type, group.wanted(normals(type, group.block()))));
  }

  /** The values of a block, in float32 for the 16-bit types: four, or two of float64. */
  private static List<Expr> normals(DType type, List<Expr> words) {
    if (type == DType.FLOAT64) {
      return boxMuller(
          Philox.uniform(type, words.subList(0, 2)), Philox.uniform(type, words.subList(2, WORDS)));
    }
    List<Expr> first =
        boxMuller(
            Philox.uniform(DType.FLOAT32, List.of(words.get(0))),
            Philox.uniform(DType.FLOAT32, List.of(words.get(1))));
    List<Expr> second =
        boxMuller(
            Philox.uniform(DType.FLOAT32, List.of(words.get(2))),
            Philox.uniform(DType.FLOAT32, List.of(words.get(3))));
    return List.of(first.get(0), first.get(1), second.get(0), second.get(1));
  }

  /** Two normal values of two uniform ones: √(-2 ln u) · sin 2πv, and cos. */
  private static List<Expr> boxMuller(Expr u, Expr v) {
    DType type = u.type();
    Expr angle = turns(v);
    Expr positive = Scalar.max(u, Scalar.constant(type, LEAST_UNIFORM));
    Expr radius = Scalar.sqrt(Scalar.mul(Scalar.constant(type, -2), Transcendental.log(positive)));
    return List.of(
        Scalar.mul(Transcendental.sin(angle), radius),
        Scalar.mul(Transcendental.cos(angle), radius));
  }

  /** {@code 2π · v} rounded once, which TensorFlow computes in float64. */
  private static Expr turns(Expr v) {
    double turn = 2 * Math.PI;
    if (v.type() == DType.FLOAT64) {
      return Scalar.mul(v, Scalar.constant(DType.FLOAT64, turn));
    }
    Expr high = Scalar.constant(v.type(), turn);
    Expr low = Scalar.constant(v.type(), turn - (float) turn);
    return Scalar.fma(v, high, Scalar.mul(v, low));
  }

  /**
   * Each group starts at a block of its own, far enough from the next, and takes what it accepts.
   */
  static void truncatedNormal(LoweringContext node, ProgramBuilder program) {
    DType type = node.outputs().getFirst().dtype();
    int size = groupSize(type);
    int most = (int) RESERVED * size / WORDS;
    draw(
        node,
        program,
        (_, group) -> {
          Expr first = Scalar.mul(group.number(), Scalar.index(most));
          List<Expr> start = new ArrayList<>(List.of(Scalar.index(0), Scalar.index(0)));
          start.addAll(
              Collections.nCopies(group.lanes().size(), Scalar.constant(Lowerings.wide(type), 0)));
          List<Expr> last =
              Loop.of(
                  most,
                  start,
                  state -> Scalar.gt(state.get(1), group.lanes().getLast()),
                  state -> accept(group, first, state, type));
          return cast(type, last.subList(2, last.size()));
        });
  }

  /** One round; the state is (round, values accepted, and then the values of the wanted lanes). */
  private static List<Expr> accept(Group group, Expr first, List<Expr> state, DType type) {
    Expr accepted = state.get(1);
    List<Expr> values = new ArrayList<>(state.subList(2, state.size()));
    for (Expr candidate : normals(type, group.block(Scalar.add(first, state.get(0))))) {
      Expr good = Scalar.lt(Scalar.abs(candidate), Scalar.constant(candidate.type(), TRUNCATION));
      for (int lane = 0; lane < values.size(); lane++) {
        Expr here = Scalar.and(good, Scalar.eq(accepted, group.lanes().get(lane)));
        values.set(lane, Scalar.select(here, candidate, values.get(lane)));
      }
      accepted = Scalar.add(accepted, Scalar.cast(DType.INT64, good));
    }
    List<Expr> next = new ArrayList<>(List.of(Scalar.add(state.get(0), Scalar.index(1)), accepted));
    next.addAll(values);
    return next;
  }

  static void integers(LoweringContext node, ProgramBuilder program) {
    DType type = node.outputs().getFirst().dtype();
    boolean wide = type == DType.INT64;
    DType bits = wide ? DType.UINT64 : DType.UINT32;
    draw(
        node,
        program,
        (k, group) -> {
          Expr low = Scalar.cast(bits, k.load(program.input(1)));
          Expr high = k.load(program.input(2));
          Expr range =
              k.check(
                  Scalar.lt(k.load(program.input(1)), high),
                  Scalar.cast(DType.INT64, high),
                  (_, _) -> "Need minval < maxval",
                  Scalar.sub(Scalar.cast(bits, high), low));
          List<Expr> words = group.block();
          List<Expr> numbers =
              wide ? pairs(words).stream().map(RandomBits::joined).toList() : words;
          return cast(
              type,
              group.wanted(numbers).stream()
                  .map(number -> Scalar.add(low, Scalar.rem(number, range)))
                  .toList());
        });
  }

  /** A uint64 of its low and its high word. */
  private static Expr joined(List<Expr> words) {
    Expr high = Scalar.cast(DType.UINT64, words.getLast());
    Expr shifted = Scalar.shl(high, Scalar.integer(DType.UINT64, 32));
    return Scalar.or(shifted, Scalar.cast(DType.UINT64, words.getFirst()));
  }

  private static List<List<Expr>> pairs(List<Expr> words) {
    return List.of(words.subList(0, 2), words.subList(2, WORDS));
  }

  private static List<Expr> cast(DType type, List<Expr> values) {
    return values.stream().map(value -> Scalar.cast(type, value)).toList();
  }

  private static int groupSize(DType type) {
    return type.bytes() == Long.BYTES ? 2 : WORDS;
  }

  /**
   * The outputs, of which {@code values} makes those wanted of a group. Many whole groups are each
   * computed once. Else each output computes its group, so that the kernel is one over the outputs
   * and what uses them can be fused with it.
   */
  private static void draw(
      LoweringContext node,
      ProgramBuilder program,
      BiFunction<KernelBuilder, Group, List<Expr>> values) {
    DType type = node.outputs().getFirst().dtype();
    Shape shape = node.outputs().getFirst().shape();
    Value state = state(node, program, shape);
    int size = groupSize(type);
    if (shape.elements() < MANY || shape.elements() % size != 0) {
      Expr lanes = Scalar.index(size);
      program.output(
          0,
          program.map(
              type,
              shape,
              (k, at) -> {
                Expr number = Lowerings.flatten(k, shape, at);
                List<Expr> own = List.of(Scalar.rem(number, lanes));
                Group group = group(k, state, Scalar.div(number, lanes), own);
                return values.apply(k, group).getFirst();
              }));
      return;
    }
    long groups = shape.elements() / size;
    KernelBuilder k = program.kernel(groups);
    Value outputs = k.output(type, Shape.of(groups, size));
    List<Expr> all = IntStream.range(0, size).mapToObj(Scalar::index).toList();
    List<Expr> made = values.apply(k, group(k, state, k.outer(0), all));
    for (int lane = 0; lane < size; lane++) {
      k.store(outputs, List.of(k.outer(0), all.get(lane)), made.get(lane));
    }
    k.finish();
    program.output(0, outputs);
  }

  private static Group group(KernelBuilder k, Value state, Expr number, List<Expr> lanes) {
    return new Group(
        k.load(state, Scalar.index(0)),
        k.load(state, Scalar.index(1)),
        k.load(state, Scalar.index(2)),
        number,
        lanes);
  }

  private static Value state(LoweringContext node, ProgramBuilder program, Shape shape) {
    return program.randomState(
        node.attributes().integer("seed"),
        node.attributes().integer("seed2"),
        shape.elements() * RESERVED);
  }

  private static Expr choose(Expr lane, List<Expr> values) {
    if (lane instanceof Expr.Const(_, long number)) {
      return values.get((int) number);
    }
    Expr chosen = values.getLast();
    for (int i = values.size() - 2; i >= 0; i--) {
      chosen = Scalar.select(Scalar.eq(lane, Scalar.index(i)), values.get(i), chosen);
    }
    return chosen;
  }
}
