package org.millrace.catalog;

import static org.millrace.catalog.Data.f64;
import static org.millrace.catalog.Data.i32;

import java.util.ArrayList;
import java.util.List;
import org.millrace.op.OpDef;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Random numbers against TensorFlow's algorithm written in Java, and known answers. */
final class RandomCases {
  private static final long SEED = 42;
  private static final long SEED2 = 478163327;

  /** Few; so many, in whole groups, that each group is computed once; more, the last group cut. */
  private static final List<Shape> SHAPES =
      List.of(Shape.of(11), Shape.of(1028), Shape.of(3, 51, 7));

  private RandomCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    cases.add(
        random(RandomOps.RANDOM_UNIFORM, "known answers", DType.FLOAT32, Shape.of(4))
            .gives(NDArray.floats(Shape.of(4), 0.6645621f, 0.44100678f, 0.3528825f, 0.46448255f)));
    for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
      for (Shape shape : SHAPES) {
        String title = "%s %s".formatted(shape, type.label());
        cases.add(
            random(RandomOps.RANDOM_UNIFORM, title, type, shape)
                .gives(values(type, shape, RandomCases::uniform)));
        cases.add(
            random(RandomOps.RANDOM_STANDARD_NORMAL, title, type, shape)
                .within(Tolerance.SUM)
                .gives(values(type, shape, RandomCases::normal)));
        cases.add(
            random(RandomOps.TRUNCATED_NORMAL, title, type, shape)
                .within(Tolerance.SUM)
                .gives(values(type, shape, RandomCases::truncated)));
      }
    }
    for (Shape shape : SHAPES) {
      cases.add(integers(shape, i32(-5), i32(20), RandomCases::int32));
      NDArray high = NDArray.scalar(1L << 40);
      cases.add(integers(shape, NDArray.scalar(-5L), high, RandomCases::int64));
    }
    return cases;
  }

  private static OpCase.Builder random(OpDef op, String title, DType type, Shape shape) {
    return OpCase.of(op)
        .title(title)
        .in(dims(shape))
        .attr("dtype", type)
        .attr("seed", SEED)
        .attr("seed2", SEED2);
  }

  private static NDArray dims(Shape shape) {
    return NDArray.longs(Shape.of(shape.rank()), shape.dims()).cast(DType.INT32);
  }

  private interface Rule {
    double of(DType type, int index);
  }

  private interface IntegerRule {
    long of(long low, long high, int index);
  }

  private static NDArray values(DType type, Shape shape, Rule rule) {
    double[] values = new double[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = rule.of(type, i);
    }
    return f64(shape, values).cast(type);
  }

  private static OpCase integers(Shape shape, NDArray low, NDArray high, IntegerRule rule) {
    long[] values = new long[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = rule.of(low.scalarLong(), high.scalarLong(), i);
    }
    return OpCase.of(RandomOps.RANDOM_UNIFORM_INT)
        .title("%s %s".formatted(shape, low.dtype().label()))
        .in(dims(shape), low, high)
        .attr("seed", SEED)
        .attr("seed2", SEED2)
        .gives(NDArray.longs(shape, values).cast(low.dtype()));
  }

  private static double uniform(DType type, int i) {
    if (type == DType.FLOAT32) {
      return unit(philox(i / 4)[i % 4]);
    }
    int[] words = philox(i / 2);
    return unit(words[i % 2 * 2], words[i % 2 * 2 + 1]);
  }

  private static float unit(int word) {
    return Float.intBitsToFloat(127 << 23 | word & 0x7fffff) - 1f;
  }

  private static double unit(int low, int high) {
    long fraction = (long) (high & 0xfffff) << 32 | low & 0xffffffffL;
    return Double.longBitsToDouble(1023L << 52 | fraction) - 1;
  }

  private static double normal(DType type, int i) {
    int group = type == DType.FLOAT32 ? 4 : 2;
    return normals(type, philox(i / group))[i % group];
  }

  private static double[] normals(DType type, int[] words) {
    double[] result = new double[type == DType.FLOAT32 ? 4 : 2];
    for (int pair = 0; pair < result.length / 2; pair++) {
      double u = type == DType.FLOAT32 ? unit(words[2 * pair]) : unit(words[0], words[1]);
      double v = type == DType.FLOAT32 ? unit(words[2 * pair + 1]) : unit(words[2], words[3]);
      double radius = Math.sqrt(-2 * Math.log(Math.max(u, 1e-7)));
      result[2 * pair] = Math.sin(2 * Math.PI * v) * radius;
      result[2 * pair + 1] = Math.cos(2 * Math.PI * v) * radius;
    }
    return result;
  }

  private static double truncated(DType type, int i) {
    int group = type == DType.FLOAT32 ? 4 : 2;
    long block = (long) i / group * (256 * group / 4);
    List<Double> kept = new ArrayList<>();
    while (kept.size() <= i % group) {
      for (double value : normals(type, philox(block++))) {
        if (Math.abs(value) < 2) {
          kept.add(value);
        }
      }
    }
    return kept.get(i % group);
  }

  private static long int32(long low, long high, int i) {
    long word = philox(i / 4)[i % 4] & 0xffffffffL;
    return low + word % (high - low);
  }

  private static long int64(long low, long high, int i) {
    int[] words = philox(i / 2);
    long word = (long) words[i % 2 * 2 + 1] << 32 | words[i % 2 * 2] & 0xffffffffL;
    return low + Long.remainderUnsigned(word, high - low);
  }

  /** One block of Philox 4×32-10. */
  private static int[] philox(long block) {
    int[] c = {(int) block, (int) (block >>> 32), (int) SEED2, (int) (SEED2 >>> 32)};
    int k0 = (int) SEED;
    int k1 = (int) (SEED >>> 32);
    for (int round = 0; round < 10; round++) {
      long p0 = 0xD2511F53L * (c[0] & 0xffffffffL);
      long p1 = 0xCD9E8D57L * (c[2] & 0xffffffffL);
      c =
          new int[] {
            (int) (p1 >>> 32) ^ c[1] ^ k0, (int) p1, (int) (p0 >>> 32) ^ c[3] ^ k1, (int) p0
          };
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    return c;
  }
}
