package org.millrace.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.HostCall;
import org.millrace.op.AssertionFailedException;
import org.millrace.op.LoweringContext;
import org.millrace.op.OpException;
import org.millrace.op.ProgramBuilder;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.TensorText;

/** What the printing operations do on the host. */
final class Printing {
  private static final System.Logger LOG = System.getLogger("org.millrace.print");
  private static final String FILE = "file://";

  private Printing() {}

  static void print(LoweringContext node, ProgramBuilder program) {
    String message = node.attributes().string("message");
    long most = node.attributes().integer("first_n");
    int summarize = (int) node.attributes().integer("summarize");
    program.host(
        () -> {
          AtomicLong printed = new AtomicLong();
          return inputs -> {
            if (most < 0 || printed.getAndIncrement() < most) {
              System.err.println(message + texts(inputs, "", summarize));
            }
            return List.of();
          };
        },
        inputs(node, program, 1),
        List.of());
    program.output(0, program.input(0));
  }

  static void check(LoweringContext node, ProgramBuilder program) {
    int summarize = (int) node.attributes().integer("summarize");
    HostCall check =
        inputs -> {
          if (!inputs.getFirst().scalarBool()) {
            String data = texts(inputs.subList(1, inputs.size()), " ", summarize);
            throw new AssertionFailedException("assertion failed: " + data);
          }
          return List.of();
        };
    program.host(() -> check, inputs(node, program, 0), List.of());
  }

  private static String texts(List<NDArray> values, String separator, int summarize) {
    return String.join(
        separator, values.stream().map(value -> TensorText.print(value, summarize)).toList());
  }

  private static List<ProgramBuilder.Value> inputs(
      LoweringContext node, ProgramBuilder program, int first) {
    return IntStream.range(first, node.inputs().size()).mapToObj(program::input).toList();
  }

  static void format(LoweringContext node, ProgramBuilder program) {
    String template = node.attributes().string("template");
    String placeholder = node.attributes().string("placeholder");
    int summarize = (int) node.attributes().integer("summarize");
    HostCall format =
        inputs -> {
          StringBuilder text = new StringBuilder();
          int from = 0;
          for (NDArray input : inputs) {
            int to = template.indexOf(placeholder, from);
            if (to < 0) {
              break;
            }
            text.append(template, from, to).append(TensorText.printV2(input, summarize));
            from = to + placeholder.length();
          }
          return List.of(NDArray.scalar(text.append(template.substring(from)).toString()));
        };
    program.output(
        0, program.host(() -> format, inputs(node, program, 0), node.outputs()).getFirst());
  }

  static void printV2(LoweringContext node, ProgramBuilder program) {
    String stream = node.attributes().string("output_stream");
    String end = node.attributes().string("end");
    HostCall print =
        inputs -> {
          write(stream, inputs.getFirst().scalarString() + end);
          return List.of();
        };
    program.host(() -> print, inputs(node, program, 0), List.of());
  }

  private static void write(String stream, String text) {
    switch (stream) {
      case "stderr" -> System.err.print(text);
      case "stdout" -> System.out.print(text);
      case "log(info)" -> LOG.log(System.Logger.Level.INFO, text);
      case "log(warning)" -> LOG.log(System.Logger.Level.WARNING, text);
      case "log(error)" -> LOG.log(System.Logger.Level.ERROR, text);
      default -> append(stream, text);
    }
  }

  private static void append(String stream, String text) {
    if (!stream.startsWith(FILE)) {
      throw new OpException("Unknown output stream: " + stream);
    }
    try {
      Files.write(
          Path.of(stream.substring(FILE.length())),
          text.getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("PrintV2 could not write to " + stream, e);
    }
  }

  /** A {@code StringFormat} of the parts and the {@code PrintV2} of it. */
  static Operation build(DebugOps g, List<?> parts, String stream, String end, int summarize) {
    String placeholder = "{}";
    List<String> words = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    for (Object part : parts) {
      if (part instanceof TensorLike like) {
        words.add(placeholder);
        tensors.add(like.asTensor());
      } else {
        words.add(String.valueOf(part));
      }
    }
    Tensor text =
        g.operation(DebugOps.STRING_FORMAT, "StringFormat")
            .inputs(tensors)
            .attr("template", String.join(" ", words))
            .attr("placeholder", placeholder)
            .attr("summarize", summarize)
            .build()
            .output(0);
    return g.operation(DebugOps.PRINT_V2, "PrintV2")
        .input(text)
        .attr("output_stream", stream)
        .attr("end", end)
        .build();
  }
}
