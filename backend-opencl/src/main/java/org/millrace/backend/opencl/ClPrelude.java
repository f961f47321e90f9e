package org.millrace.backend.opencl;

import java.util.LinkedHashMap;
import java.util.Map;
import org.millrace.tensor.DType;

/**
 * The functions that a source needs before its kernel, each once. Those that are done for every
 * element have no branches, whose outcome would be anyone's guess; selections cost less.
 */
final class ClPrelude {
  private final Map<String, String> functions = new LinkedHashMap<>();

  /** The functions asked for, in an order in which they compile. */
  String text() {
    return String.join("\n", functions.values());
  }

  /** The function from {@code float} to the bits of a small float, to nearest even. */
  String narrow(DType type) {
    return type == DType.FLOAT16
        ? define(
            "mr_f16_bits",
            """
            ushort mr_f16_bits(float x) {
              uint b = as_uint(x);
              uint sign = (b >> 16) & 0x8000u;
              uint a = b & 0x7fffffffu;
              if (a > 0x7f800000u) {
                uint payload = (a >> 13) & 0x3ffu;
                return (ushort)(sign | 0x7c00u | (payload == 0u ? 0x200u : payload));
              }
              if (a >= 0x477ff000u) {
                return (ushort)(sign | 0x7c00u);
              }
              if (a < 0x38800000u) {
                float scaled = as_float(a) + 0.5f;
                return (ushort)(sign | (as_uint(scaled) - 0x3f000000u));
              }
              uint rounded = a + 0xfffu + ((a >> 13) & 1u) - 0x38000000u;
              return (ushort)(sign | (rounded >> 13));
            }
            """)
        : define(
            "mr_bf16_bits",
            """
            ushort mr_bf16_bits(float x) {
              uint b = as_uint(x);
              if (x != x) {
                return (ushort)((b & 0x7f0000u) == 0u ? (b >> 16) | 0x40u : b >> 16);
              }
              return (ushort)((b + 0x7fffu + ((b >> 16) & 1u)) >> 16);
            }
            """);
  }

  /** The function from the bits of a small float to {@code float}. */
  String widen(DType type) {
    return type == DType.FLOAT16
        ? define(
            "mr_f16_value",
            """
            float mr_f16_value(ushort h) {
              uint sign = ((uint)h & 0x8000u) << 16;
              uint a = (uint)h & 0x7fffu;
              if (a >= 0x7c00u) {
                return as_float(sign | 0x7f800000u | ((a & 0x3ffu) << 13));
              }
              if (a < 0x400u) {
                return as_float(sign | as_uint((float)a * 0x1.0p-24f));
              }
              return as_float(sign | ((a << 13) + 0x38000000u));
            }
            """)
        : define(
            "mr_bf16_value",
            """
            float mr_bf16_value(ushort h) {
              return as_float((uint)h << 16);
            }
            """);
  }

  /** The function that rounds a {@code float} to a small float. */
  String round(DType type) {
    String narrow = narrow(type);
    String widen = widen(type);
    String name = type == DType.FLOAT16 ? "mr_f16_round" : "mr_bf16_round";
    return define(
        name,
        """
        float %s(float x) {
          return %s(%s(x));
        }
        """
            .formatted(name, widen, narrow));
  }

  /**
   * The greater or lesser of two floating values: NaN if either is, −0 less than +0. Numbers are in
   * the order of their bits, with those below the sign inverted if it is set.
   */
  String extreme(DType type, boolean greater) {
    String value = ClTypes.value(type);
    boolean wide = type == DType.FLOAT64;
    String name = "mr_" + (greater ? "max_" : "min_") + value;
    return define(
        name,
        """
        %1$s %2$s(%1$s a, %1$s b) {
          %3$s i = as_%3$s(a) ^ (as_%3$s(a) >> %4$d & %5$s);
          %3$s j = as_%3$s(b) ^ (as_%3$s(b) >> %4$d & %5$s);
          %1$s r = i %6$s j ? a : b;
          r = b != b ? b : r;
          return a != a ? a : r;
        }
        """
            .formatted(
                value,
                name,
                wide ? "long" : "int",
                wide ? 63 : 31,
                wide ? "0x7fffffffffffffffL" : "0x7fffffff",
                greater ? ">" : "<"));
  }

  /** To the nearest integer, ties to even. PoCL's own function is five times slower. */
  String rint(DType type) {
    boolean wide = type == DType.FLOAT64;
    String value = ClTypes.value(type);
    String name = "mr_rint_" + value;
    return define(
        name,
        """
        %1$s %2$s(%1$s x) {
          const %3$s sign = as_%3$s(x) & %4$s;
          %1$s whole = as_%1$s(sign | %5$s);
          %1$s r = as_%1$s(as_%3$s((x + whole) - whole) | sign);
          return fabs(x) < as_%1$s(%5$s) ? r : x;
        }
        """
            .formatted(
                value,
                name,
                wide ? "ulong" : "uint",
                wide ? "0x8000000000000000UL" : "0x80000000u",
                wide ? "0x4330000000000000UL" : "0x4b000000u"));
  }

  /** The quotient or remainder of integers: 0 for a divisor of 0, wrapping for −1. */
  String quotient(DType type, boolean remainder) {
    String value = ClTypes.value(type);
    String name = "mr_" + (remainder ? "rem_" : "div_") + value;
    String unsigned = ClTypes.unsigned(type);
    String minusOne =
        type.isUnsigned()
            ? ""
            : """
                if (b == (%1$s)(-1)) {
                  return %2$s;
                }
              """
                .formatted(
                    value,
                    remainder ? "0" : "(" + value + ")((" + unsigned + ")0 - (" + unsigned + ")a)");
    return define(
        name,
        """
        %1$s %2$s(%1$s a, %1$s b) {
          if (b == 0) {
            return 0;
          }
        %3$s  return (%1$s)(a %4$s b);
        }
        """
            .formatted(value, name, minusOne, remainder ? "%" : "/"));
  }

  /** The remainder of floating values, exact, as C's fmod. */
  String floatRemainder(DType type) {
    boolean wide = type == DType.FLOAT64;
    String value = wide ? "double" : "float";
    String bits = wide ? "ulong" : "uint";
    int mantissa = wide ? 52 : 23;
    String name = "mr_fmod_" + value;
    return define(
        name,
        """
        %1$s %2$s(%1$s x, %1$s y) {
          const %3$s one = 1;
          const %3$s hidden = one << %4$d;
          const %3$s infinity = (%3$s)%5$s << %4$d;
          const %3$s sign = as_%3$s(x) & (one << %6$d);
          %3$s a = as_%3$s(x) ^ sign;
          %3$s b = as_%3$s(y) & ((one << %6$d) - 1);
          if (b == 0 || b > infinity || a >= infinity) {
            return as_%1$s(infinity | (one << (%4$d - 1)));
          }
          if (a < b) {
            return x;
          }
          int ea = (int)(a >> %4$d);
          int eb = (int)(b >> %4$d);
          a = ea == 0 ? a : (a & (hidden - 1)) | hidden;
          b = eb == 0 ? b : (b & (hidden - 1)) | hidden;
          for (ea = ea == 0 ? 1 : ea; a < hidden; ea--) {
            a <<= 1;
          }
          for (eb = eb == 0 ? 1 : eb; b < hidden; eb--) {
            b <<= 1;
          }
          for (; ea > eb; ea--) {
            a = a >= b ? a - b : a;
            a <<= 1;
          }
          a = a >= b ? a - b : a;
          if (a == 0) {
            return as_%1$s(sign);
          }
          for (; a < hidden; ea--) {
            a <<= 1;
          }
          %3$s r = ea > 0 ? (a - hidden) | ((%3$s)ea << %4$d) : a >> (1 - ea);
          return as_%1$s(sign | r);
        }
        """
            .formatted(value, name, bits, mantissa, wide ? "0x7ff" : "0xff", wide ? 63 : 31));
  }

  /** A shift: 0, or the sign for a right shift of a signed value, where the count is too great. */
  String shift(DType type, boolean left) {
    String value = ClTypes.value(type);
    String name = "mr_" + (left ? "shl_" : "shr_") + value;
    String outside = left || type.isUnsigned() ? "0" : "(a < 0 ? -1 : 0)";
    String shifted = left ? "(" + ClTypes.unsigned(type) + ")a << (uint)b" : "a >> (uint)b";
    return define(
        name,
        """
        %1$s %2$s(%1$s a, %1$s b) {
          if ((ulong)b >= %3$dUL) {
            return (%1$s)%4$s;
          }
          return (%1$s)(%5$s);
        }
        """
            .formatted(value, name, 8 * type.bytes(), outside, shifted));
  }

  /** A floating value to an integer: truncated, saturated, 0 for NaN. */
  String saturate(DType from, DType to) {
    boolean wide = from == DType.FLOAT64;
    String source = wide ? "double" : "float";
    String target = ClTypes.value(to);
    int width = 8 * to.bytes();
    boolean signed = !to.isUnsigned();
    String suffix = wide ? "" : "f";
    String above = Double.toHexString(Math.scalb(1.0, signed ? width - 1 : width)) + suffix;
    String below = signed ? "-" + above : "0x0.0p0" + suffix;
    long greatest = signed ? -1L >>> (65 - width) : -1L >>> (64 - width);
    long least = signed ? -1L << (width - 1) : 0;
    String name = "mr_" + target + "_of_" + source;
    return define(
        name,
        """
        %1$s %2$s(%3$s x) {
          %1$s r = (%1$s)x;
          r = x >= %4$s ? %5$s : r;
          r = x <= %6$s ? %7$s : r;
          return x != x ? 0 : r;
        }
        """
            .formatted(
                target,
                name,
                source,
                above,
                ClTypes.literal(to, greatest),
                below,
                ClTypes.literal(to, least)));
  }

  /** The report of a fault, by the protocol of {@link org.millrace.codegen.FaultRecord}. */
  String fault() {
    return define(
        "mr_fault",
        """
        long mr_fault_word(volatile __global uint* word) {
          return (long)((ulong)atomic_or(word, 0u) | (ulong)atomic_or(word + 1, 0u) << 32);
        }

        void mr_set_fault_word(volatile __global uint* word, long value) {
          atomic_xchg(word, (uint)(ulong)value);
          atomic_xchg(word + 1, (uint)((ulong)value >> 32));
        }

        void mr_fault(
            volatile __global uint* record, uint sequence, long element, long order, int code,
            long value) {
          bool waiting = true;
          while (waiting) {
            if (atomic_cmpxchg(record, 0u, 1u) == 0u) {
              mem_fence(CLK_GLOBAL_MEM_FENCE);
              uint owner = atomic_or(record + 1, 0u);
              bool first = owner == 0u;
              if (owner == sequence) {
                long e = mr_fault_word(record + 2);
                first = element < e || (element == e && order < mr_fault_word(record + 4));
              }
              if (first) {
                atomic_xchg(record + 1, sequence);
                mr_set_fault_word(record + 2, element);
                mr_set_fault_word(record + 4, order);
                atomic_xchg(record + 6, (uint)code);
                mr_set_fault_word(record + 7, value);
              }
              mem_fence(CLK_GLOBAL_MEM_FENCE);
              atomic_xchg(record, 0u);
              waiting = false;
            }
          }
        }
        """);
  }

  private String define(String name, String text) {
    functions.putIfAbsent(name, text);
    return name;
  }
}
