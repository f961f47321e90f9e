package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.List;
import java.util.Optional;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.op.AttrType;
import org.millrace.op.Inferences;
import org.millrace.op.KernelBuilder;
import org.millrace.op.Lowerings;
import org.millrace.tensor.DType;

/** Operations that show values, or complain about them. */
public interface DebugOps extends Family {
  /** Its input; when it is run, {@code <message>[v1][v2]…} goes to standard error. */
  Declaration PRINT =
      op("Print")
          .input("input", "T")
          .inputs("data", "U")
          .output("output", "T")
          .type("T")
          .attr("U", AttrType.TYPES)
          .attr("message", AttrType.STRING, "")
          .attr("first_n", AttrType.INT, -1)
          .attr("summarize", AttrType.INT, 3)
          .infer(Inferences.sameAs(0))
          .lower(Printing::print)
          .stateful()
          .hostOnly()
          .gradientOfAll(
              (_, op, dys) -> {
                List<Optional<Tensor>> gradients = new java.util.ArrayList<>();
                op.inputs().forEach(_ -> gradients.add(Optional.empty()));
                gradients.set(0, Optional.of(dys.first()));
                return gradients;
              })
          .define();

  /** Writes a string to a stream. */
  Declaration PRINT_V2 =
      op("PrintV2")
          .input("input", DType.STRING)
          .attr("output_stream", AttrType.STRING, "stderr")
          .attr("end", AttrType.STRING, "\n")
          .lower(Printing::printV2)
          .stateful()
          .hostOnly()
          .notDifferentiable()
          .define();

  /** A template with its placeholders replaced by the texts of the inputs. */
  Declaration STRING_FORMAT =
      op("StringFormat")
          .inputs("inputs", "T")
          .output("output", DType.STRING)
          .attr("T", AttrType.TYPES)
          .attr("template", AttrType.STRING, "%s")
          .attr("placeholder", AttrType.STRING, "%s")
          .attr("summarize", AttrType.INT, 3)
          .infer(Inferences.scalar())
          .lower(Printing::format)
          .hostOnly()
          .notDifferentiable()
          .define();

  /** Fails unless the condition holds, and shows the data. */
  Declaration ASSERT =
      op("Assert")
          .input("condition", DType.BOOL)
          .inputs("data", "T")
          .attr("T", AttrType.TYPES)
          .attr("summarize", AttrType.INT, 3)
          .lower(Printing::check)
          .stateful()
          .hostOnly()
          .notDifferentiable()
          .define();

  /** Its input, which must have no NaN and no infinity. */
  Declaration CHECK_NUMERICS =
      op("CheckNumerics")
          .input("tensor", "T")
          .output("output", "T")
          .type("T", Types.FLOATING)
          .attr("message", AttrType.STRING)
          .infer(Inferences.sameAs(0))
          .lower(
              Lowerings.elementwise(
                  (node, k, in) -> finite(k, in.getFirst(), node.attributes().string("message"))))
          .stateful()
          .gradient(
              (g, op, dy) ->
                  g.checkNumerics(
                      dy,
                      "Not a number (NaN) or infinity (Inf) values detected in gradient. "
                          + op.attributes().string("message")))
          .define();

  /** {@code x} itself; when it is run, the values of {@code data} go to standard error. */
  default Tensor print(TensorLike x, TensorLike... data) {
    return print(x, List.of(data), "");
  }

  /** {@code x} itself; when it is run, the message and the values go to standard error. */
  default Tensor print(TensorLike x, List<? extends TensorLike> data, String message) {
    return print(x, data, message, -1, 3, "Print");
  }

  /**
   * As {@link #print(TensorLike, List, String)}, named.
   *
   * @param firstN how many runs of a session print; negative: all
   * @param summarize how many elements of each value; negative: all
   */
  default Tensor print(
      TensorLike x,
      List<? extends TensorLike> data,
      String message,
      int firstN,
      int summarize,
      String name) {
    return operation(PRINT, name)
        .input(x)
        .inputs(data)
        .attr("message", message)
        .attr("first_n", firstN)
        .attr("summarize", summarize)
        .build()
        .output(0);
  }

  /**
   * An operation that writes its parts, with spaces between, to standard error when it is run.
   *
   * @param parts tensors, whose values are written, and others, whose texts are
   */
  default Operation printV2(Object... parts) {
    return printV2(List.of(parts), "stderr", "\n", 3);
  }

  /**
   * As {@link #printV2(Object...)}.
   *
   * @param stream {@code stderr}, {@code stdout}, {@code log(info)}, {@code log(warning)}, {@code
   *     log(error)} or {@code file://} and a path
   * @param end is written after the parts
   * @param summarize how many elements at both ends of each dimension; negative: all
   */
  default Operation printV2(List<?> parts, String stream, String end, int summarize) {
    return Printing.build(this, parts, stream, end, summarize);
  }

  /** An operation that fails unless the condition holds, and shows the data. */
  default Operation assertTrue(TensorLike condition, TensorLike... data) {
    return assertTrue(condition, List.of(data), 3, "Assert");
  }

  /** As {@link #assertTrue(TensorLike, TensorLike...)}, named. */
  default Operation assertTrue(
      TensorLike condition, List<? extends TensorLike> data, int summarize, String name) {
    return operation(ASSERT, name)
        .input(condition)
        .inputs(data)
        .attr("summarize", summarize)
        .build();
  }

  /** {@code x}, in which a NaN or an infinity is an error that begins with the message. */
  default Tensor checkNumerics(TensorLike x, String message) {
    return checkNumerics(x, message, "CheckNumerics");
  }

  /** As {@link #checkNumerics(TensorLike, String)}, named. */
  default Tensor checkNumerics(TensorLike x, String message, String name) {
    return operation(CHECK_NUMERICS, name).input(x).attr("message", message).build().output(0);
  }

  private static Expr finite(KernelBuilder k, Expr x, String message) {
    Expr zero = Scalar.constant(x.type(), 0);
    return k.check(
        Scalar.eq(Scalar.sub(x, x), zero), // neither NaN nor ∞ - ∞
        Scalar.cast(DType.INT64, Scalar.ne(x, x)),
        (_, nan) -> message + " : Tensor had " + (nan == 1 ? "NaN" : "Inf") + " values",
        x);
  }
}
