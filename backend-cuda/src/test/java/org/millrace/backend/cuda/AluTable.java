package org.millrace.backend.cuda;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.millrace.backend.cuda.SoftInstruction.LaneOp;

/**
 * The arithmetic instructions by their whole text, so that a modifier that is not here is refused.
 * What kernels are full of is written as a loop of its own, the rest goes value by value.
 */
final class AluTable {
  /**
   * An instruction.
   *
   * @param result its type
   * @param sources the types of its operands
   * @param fma whether it counts as two floating-point operations
   */
  record Entry(PtxType result, List<PtxType> sources, LaneOp op, boolean fma) {}

  private static final Map<String, Entry> ENTRIES = new HashMap<>();

  static {
    IntegerOps.addTo(ENTRIES);
    FloatOps.addTo(ENTRIES);
    BitField.addTo(ENTRIES);
  }

  private AluTable() {}

  /** The instruction of this text, or null. */
  static Entry find(String opcode) {
    return ENTRIES.get(opcode);
  }

  /** An instruction whose operands have the type of its result. */
  static Entry same(PtxType type, int operands, LaneOp op) {
    return new Entry(type, Collections.nCopies(operands, type), op, false);
  }

  static LaneOp ints(IntUnaryOperator f) {
    return (d, a, _, _) -> {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        d.narrow[lane] = f.applyAsInt(a.narrow[lane]);
      }
    };
  }

  static LaneOp ints(IntBinaryOperator f) {
    return (d, a, b, _) -> {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        d.narrow[lane] = f.applyAsInt(a.narrow[lane], b.narrow[lane]);
      }
    };
  }

  static LaneOp longs(LongUnaryOperator f) {
    return (d, a, _, _) -> {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        d.wide[lane] = f.applyAsLong(a.wide[lane]);
      }
    };
  }

  static LaneOp longs(LongBinaryOperator f) {
    return (d, a, b, _) -> {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        d.wide[lane] = f.applyAsLong(a.wide[lane], b.wide[lane]);
      }
    };
  }

  /** On f32, which a double holds; the result is rounded again, which must change nothing. */
  static LaneOp floats(DoubleUnaryOperator f) {
    return (d, a, _, _) -> {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        float x = Float.intBitsToFloat(a.narrow[lane]);
        d.narrow[lane] = FloatOps.bits((float) f.applyAsDouble(x));
      }
    };
  }

  static LaneOp doubles(DoubleUnaryOperator f) {
    return (d, a, _, _) -> {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        double x = Double.longBitsToDouble(a.wide[lane]);
        d.wide[lane] = Double.doubleToRawLongBits(f.applyAsDouble(x));
      }
    };
  }

  static LaneOp doubles(DoubleBinaryOperator f) {
    return (d, a, b, _) -> {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        double x = Double.longBitsToDouble(a.wide[lane]);
        double y = Double.longBitsToDouble(b.wide[lane]);
        d.wide[lane] = Double.doubleToRawLongBits(f.applyAsDouble(x, y));
      }
    };
  }
}
