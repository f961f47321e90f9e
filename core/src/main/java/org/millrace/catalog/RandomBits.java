package org.millrace.catalog;

import java.util.List;
import java.util.function.Function;
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
  private static final double LEAST_UNIFORM = 1e-7;
  private static final double TRUNCATION = 2;

  /** What an output depends on. */
  private record Draw(Expr key, Expr counter, Expr seed2, Expr group, Expr lane, int groupSize) {
    List<Expr> block(Expr offset) {
      return Philox.block(key, Scalar.add(counter, offset), seed2);
    }

    /** The word for this output, of groups of four. */
    Expr word() {
      List<Expr> words = block(group);
      return choose(lane, words);
    }
  }

  private RandomBits() {}

  static void uniform(LoweringContext node, ProgramBuilder program) {
    DType type = node.outputs().getFirst().dtype();
    draw(
        node,
        program,
        type,
        draw -> {
          if (type != DType.FLOAT64) {
            return Philox.uniform(type, List.of(draw.word()));
          }
          List<Expr> words = draw.block(draw.group());
          return choose(
              draw.lane(),
              List.of(
                  Philox.uniform(type, words.subList(0, 2)),
                  Philox.uniform(type, words.subList(2, WORDS))));
        });
  }

  static void normal(LoweringContext node, ProgramBuilder program) {
    DType type = node.outputs().getFirst().dtype();
    draw(
        node,
        program,
        type,
        draw -> {
          List<Expr> words = draw.block(draw.group());
          return Scalar.cast(type, choose(draw.lane(), normals(type, words)));
        });
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
    draw(
        node,
        program,
        type,
        draw -> {
          int most = (int) RESERVED * draw.groupSize() / WORDS;
          Expr first = Scalar.mul(draw.group(), Scalar.index(most));
          DType wide = Lowerings.wide(type);
          List<Expr> last =
              Loop.of(
                  most,
                  List.of(Scalar.index(0), Scalar.index(0), Scalar.constant(wide, 0)),
                  state -> Scalar.gt(state.get(1), draw.lane()),
                  state -> accept(draw, first, state, type));
          return Scalar.cast(type, last.get(2));
        });
  }

  /** One round; the state is (round, values accepted, the value of this lane once it has come). */
  private static List<Expr> accept(Draw draw, Expr first, List<Expr> state, DType type) {
    Expr accepted = state.get(1);
    Expr value = state.get(2);
    for (Expr candidate : normals(type, draw.block(Scalar.add(first, state.get(0))))) {
      Expr good = Scalar.lt(Scalar.abs(candidate), Scalar.constant(candidate.type(), TRUNCATION));
      Expr mine = Scalar.and(good, Scalar.eq(accepted, draw.lane()));
      value = Scalar.select(mine, candidate, value);
      accepted = Scalar.add(accepted, Scalar.cast(DType.INT64, good));
    }
    return List.of(Scalar.add(state.get(0), Scalar.index(1)), accepted, value);
  }

  static void integers(LoweringContext node, ProgramBuilder program) {
    DType type = node.outputs().getFirst().dtype();
    boolean wide = type == DType.INT64;
    DType bits = wide ? DType.UINT64 : DType.UINT32;
    Shape shape = node.outputs().getFirst().shape();
    Value state = state(node, program, shape);
    program.output(
        0,
        program.map(
            type,
            shape,
            (k, at) -> {
              Draw draw = drawOf(k, state, shape, at, wide ? 2 : WORDS);
              Expr low = k.load(program.input(1));
              Expr high = k.load(program.input(2));
              Expr range = Scalar.sub(Scalar.cast(bits, high), Scalar.cast(bits, low));
              Expr number = wide ? pair(draw) : draw.word();
              Expr value = Scalar.add(Scalar.cast(bits, low), Scalar.rem(number, range));
              return k.check(
                  Scalar.lt(low, high),
                  Scalar.cast(DType.INT64, high),
                  (_, _) -> "Need minval < maxval",
                  Scalar.cast(type, value));
            }));
  }

  private static Expr pair(Draw draw) {
    List<Expr> words = draw.block(draw.group());
    Expr low = choose(draw.lane(), List.of(words.get(0), words.get(2)));
    Expr high = choose(draw.lane(), List.of(words.get(1), words.get(3)));
    Expr shifted = Scalar.shl(Scalar.cast(DType.UINT64, high), Scalar.integer(DType.UINT64, 32));
    return Scalar.or(shifted, Scalar.cast(DType.UINT64, low));
  }

  private static void draw(
      LoweringContext node, ProgramBuilder program, DType type, Function<Draw, Expr> value) {
    Shape shape = node.outputs().getFirst().shape();
    Value state = state(node, program, shape);
    int groupSize = type == DType.FLOAT64 ? 2 : WORDS;
    program.output(
        0,
        program.map(type, shape, (k, at) -> value.apply(drawOf(k, state, shape, at, groupSize))));
  }

  private static Value state(LoweringContext node, ProgramBuilder program, Shape shape) {
    return program.randomState(
        node.attributes().integer("seed"),
        node.attributes().integer("seed2"),
        shape.elements() * RESERVED);
  }

  private static Draw drawOf(
      KernelBuilder k, Value state, Shape shape, List<Expr> at, int groupSize) {
    Expr number = Lowerings.flatten(k, shape, at);
    Expr size = Scalar.index(groupSize);
    return new Draw(
        k.load(state, Scalar.index(0)),
        k.load(state, Scalar.index(1)),
        k.load(state, Scalar.index(2)),
        Scalar.div(number, size),
        Scalar.rem(number, size),
        groupSize);
  }

  private static Expr choose(Expr lane, List<Expr> values) {
    Expr chosen = values.getLast();
    for (int i = values.size() - 2; i >= 0; i--) {
      chosen = Scalar.select(Scalar.eq(lane, Scalar.index(i)), values.get(i), chosen);
    }
    return chosen;
  }
}
