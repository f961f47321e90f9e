package org.millrace.kernel;

import static org.millrace.kernel.Scalar.add;
import static org.millrace.kernel.Scalar.and;
import static org.millrace.kernel.Scalar.bitcast;
import static org.millrace.kernel.Scalar.cast;
import static org.millrace.kernel.Scalar.constant;
import static org.millrace.kernel.Scalar.integer;
import static org.millrace.kernel.Scalar.mul;
import static org.millrace.kernel.Scalar.mulHi;
import static org.millrace.kernel.Scalar.or;
import static org.millrace.kernel.Scalar.shl;
import static org.millrace.kernel.Scalar.shr;
import static org.millrace.kernel.Scalar.sub;
import static org.millrace.kernel.Scalar.xor;

import java.util.List;
import org.millrace.tensor.DType;

/**
 * Philox 4×32-10, the counter-based random bits of TensorFlow (Salmon et al., <em>Parallel random
 * numbers: as easy as 1, 2, 3</em>, 2011): a block of 128 bits is a pure function of a 64-bit key
 * and a 128-bit counter.
 */
public final class Philox {
  private static final int ROUNDS = 10;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final long WEYL_0 = 0x9E3779B9L;
  private static final long WEYL_1 = 0xBB67AE85L;

  private Philox() {}

  /**
   * One block.
   *
   * @param key the key (TensorFlow's {@code seed}), int64
   * @param counterLow the low half of the counter (the number of the block), int64
   * @param counterHigh the high half of the counter (TensorFlow's {@code seed2}), int64
   * @return four uint32
   */
  public static List<Expr> block(Expr key, Expr counterLow, Expr counterHigh) {
    Expr k0 = low(key);
    Expr k1 = high(key);
    Expr c0 = low(counterLow);
    Expr c1 = high(counterLow);
    Expr c2 = low(counterHigh);
    Expr c3 = high(counterHigh);
    for (int round = 0; round < ROUNDS; round++) {
      if (round > 0) {
        k0 = add(k0, word(WEYL_0));
        k1 = add(k1, word(WEYL_1));
      }
      Expr next0 = xor(xor(mulHi(word(MULTIPLIER_1), c2), c1), k0);
      Expr next2 = xor(xor(mulHi(word(MULTIPLIER_0), c0), c3), k1);
      c1 = mul(word(MULTIPLIER_1), c2);
      c3 = mul(word(MULTIPLIER_0), c0);
      c0 = next0;
      c2 = next2;
    }
    return List.of(c0, c1, c2, c3);
  }

  /**
   * A number uniform in [0, 1) as TensorFlow makes it: the low bits of the word are the fraction of
   * a number in [1, 2), less 1.
   *
   * @param words uint32: one; two for float64, the first being the low one
   */
  public static Expr uniform(DType type, List<Expr> words) {
    Expr first = words.getFirst();
    return switch (type) {
      case FLOAT32 -> {
        Expr bits = or(and(first, word(0x7FFFFF)), word(127L << 23));
        yield sub(bitcast(DType.FLOAT32, bits), constant(type, 1));
      }
      case FLOAT64 -> {
        Expr high = and(cast(DType.UINT64, words.get(1)), integer(DType.UINT64, 0xFFFFF));
        Expr fraction = or(shl(high, integer(DType.UINT64, 32)), cast(DType.UINT64, first));
        Expr bits = or(fraction, integer(DType.UINT64, 1023L << 52));
        yield sub(bitcast(DType.FLOAT64, bits), constant(type, 1));
      }
      case FLOAT16 -> half(first, type, 10, 15);
      case BFLOAT16 -> half(first, type, 7, 127);
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL, STRING ->
          throw new IllegalArgumentException("no uniform numbers in [0, 1) of type " + type);
    };
  }

  private static Expr half(Expr word, DType type, int fraction, long bias) {
    Expr low = and(cast(DType.UINT16, word), integer(DType.UINT16, (1L << fraction) - 1));
    Expr bits = or(low, integer(DType.UINT16, bias << fraction));
    return sub(bitcast(type, bits), constant(type, 1));
  }

  private static Expr low(Expr x) {
    return cast(DType.UINT32, x);
  }

  private static Expr high(Expr x) {
    return cast(DType.UINT32, shr(x, integer(DType.INT64, 32)));
  }

  private static Expr word(long bits) {
    return integer(DType.UINT32, bits);
  }
}
