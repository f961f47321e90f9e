package org.millrace.tensor;

import java.util.Arrays;

/**
 * The text of an array as Python prints a NumPy array: the elements aligned, lines of 75
 * characters, a line per row, and of an array of more than 1000 elements only the first and the
 * last three along each axis.
 */
final class ArrayPrinter {
  private static final int LINE_WIDTH = 75;
  private static final int MAX_ELEMENTS = 1000;
  private static final int EDGE = 3;
  private static final String GAP = "...";

  private final Shape shape;
  private final boolean abridged;
  private String[] words; // the texts of the elements shown, in row-major order
  private int next; // the next word to lay out

  private ArrayPrinter(Shape shape, boolean abridged) {
    this.shape = shape;
    this.abridged = abridged;
  }

  static String print(NDArray array) {
    if (array.rank() == 0) {
      return element(array, 0);
    }
    if (array.elements() == 0) {
      return "[]";
    }
    ArrayPrinter printer = new ArrayPrinter(array.shape(), array.elements() > MAX_ELEMENTS);
    printer.words = words(array, printer.shownIndices());
    StringBuilder text = new StringBuilder();
    printer.layOut(text, 0);
    return text.toString();
  }

  /** The text of one element on its own. */
  static String element(NDArray array, long index) {
    return switch (array.dtype()) {
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 ->
          FloatTexts.scalar(array.getDouble(index), array.dtype());
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> Long.toString(array.getLong(index));
      case UINT64 -> Long.toUnsignedString(array.getLong(index));
      case BOOL -> array.getBool(index) ? "True" : "False";
      case STRING -> bytesLiteral(array.getBytes(index));
    };
  }

  private static String[] words(NDArray array, long[] indices) {
    DType dtype = array.dtype();
    if (dtype.isFloating()) {
      double[] values = Arrays.stream(indices).mapToDouble(array::getDouble).toArray();
      return FloatTexts.aligned(values, dtype);
    }
    String[] words = Arrays.stream(indices).mapToObj(i -> element(array, i)).toArray(String[]::new);
    int width = dtype == DType.BOOL ? "False".length() : 0;
    for (String word : words) {
      width = Math.max(width, dtype == DType.STRING ? 0 : word.length());
    }
    for (int i = 0; i < words.length; i++) {
      words[i] = " ".repeat(Math.max(0, width - words[i].length())) + words[i];
    }
    return words;
  }

  private boolean hasGap(int axis) {
    return abridged && shape.dim(axis) > 2 * EDGE;
  }

  private int shown(int axis) {
    return hasGap(axis) ? 2 * EDGE : Math.toIntExact(shape.dim(axis));
  }

  private long[] shownIndices() {
    long[] indices = {0};
    for (int axis = 0; axis < shape.rank(); axis++) {
      long extent = shape.dim(axis);
      int shown = shown(axis);
      long[] refined = new long[indices.length * shown];
      for (int i = 0; i < refined.length; i++) {
        int along = i % shown;
        boolean behindGap = hasGap(axis) && along >= EDGE;
        refined[i] = indices[i / shown] * extent + (behindGap ? extent - shown + along : along);
      }
      indices = refined;
    }
    return indices;
  }

  /** Appends one bracket of the text; its lines but the first are indented by its depth. */
  private void layOut(StringBuilder text, int axis) {
    text.append('[');
    if (axis == shape.rank() - 1) {
      layOutRow(text, axis);
    } else {
      String separator = "\n".repeat(shape.rank() - 1 - axis) + " ".repeat(axis + 1);
      for (int i = 0; i < shown(axis); i++) {
        text.append(i == 0 ? "" : separator);
        if (i == EDGE && hasGap(axis)) {
          text.append(GAP).append(separator);
        }
        layOut(text, axis + 1);
      }
    }
    text.append(']');
  }

  private void layOutRow(StringBuilder text, int axis) {
    String indent = " ".repeat(axis + 1);
    int width = LINE_WIDTH - (axis + 1); // room for the closing brackets
    StringBuilder line = new StringBuilder(indent);
    StringBuilder row = new StringBuilder();
    for (int i = 0; i < shown(axis); i++) {
      if (i == EDGE && hasGap(axis)) {
        appendWord(row, line, GAP, width, indent);
        line.append(' ');
      }
      appendWord(row, line, words[next++], width, indent);
      if (i < shown(axis) - 1) {
        line.append(' ');
      }
    }
    text.append(row.append(line), indent.length(), row.length());
  }

  private static void appendWord(
      StringBuilder row, StringBuilder line, String word, int width, String indent) {
    if (line.length() + word.length() > width && line.length() > indent.length()) {
      row.append(line.toString().stripTrailing()).append('\n');
      line.setLength(0);
      line.append(indent);
    }
    line.append(word);
  }

  /** Bytes as a Python literal. */
  private static String bytesLiteral(byte[] bytes) {
    boolean single = false;
    boolean twofold = false;
    for (byte b : bytes) {
      single |= b == '\'';
      twofold |= b == '"';
    }
    char quote = single && !twofold ? '"' : '\'';
    StringBuilder text = new StringBuilder("b").append(quote);
    for (byte b : bytes) {
      switch (b) {
        case '\\' -> text.append("\\\\");
        case '\t' -> text.append("\\t");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        default -> {
          if (b == quote) {
            text.append('\\').append(quote);
          } else if (b < ' ' || b == 0x7f) { // bytes from 0x80 on are negative
            text.append("\\x%02x".formatted(b));
          } else {
            text.append((char) b);
          }
        }
      }
    }
    return text.append(quote).toString();
  }
}
