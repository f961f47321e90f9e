package org.millrace.tensor;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * The texts that TensorFlow's printing operations make of a value.
 *
 * <p>Both write a float with six significant digits if they identify it and nine otherwise, a
 * double with 15 or 17, the 16-bit types as floats, and a bool as 1 or 0.
 */
public final class TensorText {
  private final NDArray array;
  private final StringBuilder text = new StringBuilder();
  private long next; // version 1: the next element to print

  private TensorText(NDArray array) {
    this.array = array;
  }

  /**
   * The text of {@code Print} and {@code Assert}, in brackets: {@code [3]}, {@code [1 2 3...]},
   * {@code [[1 2 3]...]}. Strings are C-escaped.
   *
   * @param summarize how many elements to print in all; negative: all
   */
  public static String print(NDArray array, int summarize) {
    TensorText printer = new TensorText(array);
    long limit = limit(array, summarize);
    printer.text.append('[');
    if (array.rank() == 0) {
      printer.text.append(limit > 0 ? printer.element(0, false) : "");
    } else {
      printer.appendV1(0, limit);
    }
    printer.text.append(array.elements() > limit ? "...]" : "]");
    return printer.text.toString();
  }

  /**
   * The text of {@code PrintV2} and {@code StringFormat}: {@code 3}, {@code [1 2 3 ... 8 9 10]},
   * rows on lines of their own. Strings are C-escaped and quoted.
   *
   * @param summarize how many elements to print at both ends of each dimension; negative: all
   */
  public static String printV2(NDArray array, int summarize) {
    TensorText printer = new TensorText(array);
    printer.appendV2(0, 0, limit(array, summarize));
    return printer.text.toString();
  }

  private static long limit(NDArray array, int summarize) {
    return summarize < 0 ? array.elements() : Math.min(summarize, array.elements());
  }

  private void appendV1(int axis, long limit) {
    boolean row = axis == array.rank() - 1;
    long extent = array.shape().dim(axis);
    for (long i = 0; i < extent && next < limit; i++) {
      if (row) {
        text.append(i > 0 ? " " : "").append(element(next++, false));
        // The end of a vector is marked by the caller, after its last element or its last row.
        text.append(axis > 0 && next == limit && i + 1 < extent ? "..." : "");
      } else {
        text.append('[');
        appendV1(axis + 1, limit);
        text.append(']');
      }
    }
  }

  private void appendV2(int axis, long offset, long ends) {
    if (axis == array.rank()) {
      text.append(element(offset, true));
      return;
    }
    long extent = array.shape().dim(axis);
    long stride = array.shape().slice(axis + 1, array.rank()).elements();
    text.append('[');
    for (long i = 0; i < Math.min(ends, extent); i++) {
      text.append(i > 0 ? spacing(axis) : "");
      appendV2(axis + 1, offset + i * stride, ends);
    }
    if (extent > 2 * ends) {
      text.append(spacing(axis)).append("...");
    }
    for (long i = Math.max(ends, extent - ends); i < extent; i++) {
      text.append(spacing(axis));
      appendV2(axis + 1, offset + i * stride, ends);
    }
    text.append(']');
  }

  private String spacing(int axis) {
    int inner = array.rank() - 1 - axis;
    return inner == 0 ? " " : "\n".repeat(inner) + " ".repeat(axis + 1);
  }

  private String element(long index, boolean quoted) {
    return switch (array.dtype()) {
      case FLOAT16, BFLOAT16, FLOAT32 -> text(array.getFloat(index));
      case FLOAT64 -> text(array.getDouble(index));
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> Long.toString(array.getLong(index));
      case UINT64 -> Long.toUnsignedString(array.getLong(index));
      case BOOL -> array.getBool(index) ? "1" : "0";
      case STRING -> {
        String escaped = escaped(array.getBytes(index));
        yield quoted ? '"' + escaped + '"' : escaped;
      }
    };
  }

  private static String text(float value) {
    String brief = general(value, 6);
    boolean exact = !Float.isFinite(value) || Float.parseFloat(brief) == value;
    return exact ? brief : general(value, 9);
  }

  private static String text(double value) {
    String brief = general(value, 15);
    boolean exact = !Double.isFinite(value) || Double.parseDouble(brief) == value;
    return exact ? brief : general(value, 17);
  }

  /** As C's {@code %.<digits>g}. */
  private static String general(double value, int digits) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
    String sign = Double.doubleToRawLongBits(value) < 0 ? "-" : "";
    if (value == 0) {
      return sign + "0";
    }
    BigDecimal rounded =
        new BigDecimal(Math.abs(value))
            .round(new MathContext(digits, RoundingMode.HALF_EVEN))
            .stripTrailingZeros();
    String significant = rounded.unscaledValue().toString();
    int exponent = significant.length() - 1 - rounded.scale();
    var decimal = new Decimal(value < 0, significant, exponent);
    if (exponent < -4 || exponent >= digits) {
      return decimal.scientific();
    }
    String positional = decimal.positional();
    return positional.endsWith(".0")
        ? positional.substring(0, positional.length() - 2)
        : positional;
  }

  /** Bytes as in a C string literal, unprintable ones in octal. */
  private static String escaped(byte[] bytes) {
    StringBuilder escaped = new StringBuilder();
    for (byte b : bytes) {
      switch (b) {
        case '\n' -> escaped.append("\\n");
        case '\r' -> escaped.append("\\r");
        case '\t' -> escaped.append("\\t");
        case '"', '\'', '\\' -> escaped.append('\\').append((char) b);
        default -> {
          if (b < ' ' || b == 0x7f) { // bytes from 0x80 on are negative
            escaped.append("\\%03o".formatted(b & 0xff));
          } else {
            escaped.append((char) b);
          }
        }
      }
    }
    return escaped.toString();
  }
}
