package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.List;

/** The words and marks of a PTX text, read one after the other. */
final class PtxTokens {
  private record Token(String text, int line) {}

  private static final Token END = new Token("", 0);

  private final String[] lines;
  private final List<Token> tokens = new ArrayList<>();
  private int next;

  PtxTokens(String source) {
    lines = source.split("\n", -1);
    int line = 1;
    for (int at = 0; at < source.length(); ) {
      char c = source.charAt(at);
      int end = at + 1;
      if (source.startsWith("//", at)) {
        end = orEnd(source, source.indexOf('\n', at));
      } else if (source.startsWith("/*", at)) {
        end = orEnd(source, source.indexOf("*/", at) + 2);
      } else if (c == '"') {
        end = orEnd(source, source.indexOf('"', at + 1) + 1);
        tokens.add(new Token(source.substring(at, end), line));
      } else if (isWord(c)) {
        while (end < source.length() && isWord(source.charAt(end))) {
          end++;
        }
        tokens.add(new Token(source.substring(at, end), line));
      } else if (!Character.isWhitespace(c)) {
        tokens.add(new Token(String.valueOf(c), line));
      }
      for (; at < end; at++) {
        line += source.charAt(at) == '\n' ? 1 : 0;
      }
    }
  }

  private static int orEnd(String source, int at) {
    return at < 2 ? source.length() : at;
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '%' || c == '.';
  }

  /** Whether nothing is left. */
  boolean done() {
    return next == tokens.size();
  }

  /** The next token, which stays. */
  String peek() {
    return ahead(0).text;
  }

  /** The token after the next. */
  String peekSecond() {
    return ahead(1).text;
  }

  private Token ahead(int count) {
    return next + count < tokens.size() ? tokens.get(next + count) : END;
  }

  /** The line of the next token, from 1. */
  int line() {
    return next < tokens.size() ? ahead(0).line : lines.length;
  }

  /** Takes the next token. */
  String take() {
    if (done()) {
      throw refuse("the text ends within a statement");
    }
    return tokens.get(next++).text;
  }

  /** Takes the next token if it is {@code text}. */
  boolean takeIf(String text) {
    if (!peek().equals(text)) {
      return false;
    }
    next++;
    return true;
  }

  /** Takes the next token, which must be {@code text}. */
  void expect(String text) {
    if (!takeIf(text)) {
      throw refuse("'%s' was expected, found '%s'".formatted(text, peek()));
    }
  }

  /** Takes an integer. */
  long takeWhole() {
    boolean negative = takeIf("-");
    String text = peek();
    try {
      long value = whole(text);
      take();
      return negative ? -value : value;
    } catch (NumberFormatException _) {
      throw refuse("'%s' is not an integer".formatted(text));
    }
  }

  private static long whole(String literal) {
    String text = literal.endsWith("U") ? literal.substring(0, literal.length() - 1) : literal;
    if (text.startsWith("0x") || text.startsWith("0X")) {
      return Long.parseUnsignedLong(text.substring(2), 16);
    }
    if (text.startsWith("0b") || text.startsWith("0B")) {
      return Long.parseUnsignedLong(text.substring(2), 2);
    }
    return text.length() > 1 && text.startsWith("0")
        ? Long.parseUnsignedLong(text.substring(1), 8)
        : Long.parseUnsignedLong(text);
  }

  /** The text of a line, from 1. */
  String line(int number) {
    return lines[number - 1].strip();
  }

  /** The refusal of what is next. */
  PtxSyntaxException refuse(String message) {
    return refuse(line(), message);
  }

  /** The refusal of a line, with its text. */
  PtxSyntaxException refuse(int line, String message) {
    return new PtxSyntaxException(line, message + ": " + line(line));
  }
}
