package org.millrace.kernel;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Writes expressions as numbered instructions, one a line, each shared node once and after its
 * operands. Leaves are written in place.
 */
final class ExprText {
  private final StringBuilder out;
  private final Function<Expr, String> external;
  private final Map<Expr, String> names = new IdentityHashMap<>();
  private final Map<Loop, String> loops = new IdentityHashMap<>();
  private String indent;
  private int instructions;
  private int states;

  /**
   * @param external the name of a node that is not to be written out, or null
   */
  ExprText(StringBuilder out, String indent, Function<Expr, String> external) {
    this.out = out;
    this.indent = indent;
    this.external = external;
  }

  /** Names for {@code exprs} in brackets, after the instructions that they need. */
  String names(List<Expr> exprs) {
    StringBuilder text = new StringBuilder("[");
    for (Expr expr : exprs) {
      text.append(text.length() > 1 ? ", " : "").append(name(expr));
    }
    return text.append(']').toString();
  }

  /** The name of {@code expr}, after the instructions that it needs. */
  String name(Expr expr) {
    String known = names.get(expr);
    if (known == null) {
      known = external.apply(expr);
      if (known == null) {
        known = write(expr);
      }
      names.put(expr, known);
    }
    return known;
  }

  void line(String text) {
    out.append(indent).append(text).append('\n');
  }

  void indent() {
    indent += "  ";
  }

  void outdent() {
    indent = indent.substring(2);
  }

  private String write(Expr expr) {
    return switch (expr) {
      case Expr.Const e -> literal(e);
      case Expr.Size e -> "size(" + e.value() + ")";
      case Expr.Param e -> "p" + e.slot();
      case Expr.Index e -> "i" + e.axis();
      case Expr.Temp e -> "t" + e.number() + ":" + e.type();
      case Expr.State e -> throw new IllegalStateException("a state outside of its loop: " + e);
      case Expr.Load e -> define(load(e));
      case Expr.Guarded e ->
          define(
              "if %s %s else %s"
                  .formatted(name(e.condition()), load(e.load()), name(e.otherwise())));
      case Expr.Unary e -> define(e.op() + " " + name(e.x()));
      case Expr.Binary e -> define(e.op() + " " + name(e.a()) + ", " + name(e.b()));
      case Expr.Fma e -> define("FMA %s, %s, %s".formatted(name(e.a()), name(e.b()), name(e.c())));
      case Expr.Select e ->
          define("SELECT %s, %s, %s".formatted(name(e.condition()), name(e.a()), name(e.b())));
      case Expr.Cast e -> define("CAST " + e.type() + " " + name(e.x()));
      case Expr.Bitcast e -> define("BITCAST " + e.type() + " " + name(e.x()));
      case Expr.LoopValue e -> loop(e.loop()) + "." + e.position();
      case Expr.Check e ->
          define(
              "CHECK %s, code %d, value %s, %s"
                  .formatted(name(e.condition()), e.code(), name(e.value()), name(e.result())));
    };
  }

  private String define(String instruction) {
    String name = "%" + instructions++;
    line(name + " = " + instruction);
    return name;
  }

  private String load(Expr.Load load) {
    return "LOAD " + load.type() + " #" + load.operand() + names(load.index());
  }

  private String loop(Loop loop) {
    String known = loops.get(loop);
    if (known == null) {
      String initial = names(loop.initial());
      StringBuilder declared = new StringBuilder();
      for (Expr.State state : loop.states()) {
        String name = "s" + states++;
        names.put(state, name);
        declared.append(' ').append(name).append(':').append(state.type());
      }
      known = "%" + instructions++;
      line("%s = LOOP %d%s = %s".formatted(known, loop.limit(), declared, initial));
      indent();
      line("until " + name(loop.until()));
      line("next " + names(loop.next()));
      outdent();
      loops.put(loop, known);
    }
    return known;
  }

  private static String literal(Expr.Const literal) {
    boolean nan =
        literal.type().isFloating() && Double.isNaN(Bits.toDouble(literal.type(), literal.bits()));
    String value =
        nan || !literal.type().isFloating()
            ? (nan ? "nan:" + Long.toHexString(literal.bits()) : Long.toString(literal.bits()))
            : Double.toString(Bits.toDouble(literal.type(), literal.bits()));
    return value + ":" + literal.type();
  }
}
