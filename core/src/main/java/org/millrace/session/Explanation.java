package org.millrace.session;

import java.util.stream.Collectors;
import org.millrace.graph.Operation;
import org.millrace.kernel.Kernel;
import org.millrace.plan.DeviceTable;
import org.millrace.plan.Plan;
import org.millrace.plan.Step;
import org.millrace.plan.Value;

/** A plan in words. */
final class Explanation {
  private Explanation() {}

  static String of(Plan plan, DeviceTable devices, Holdings holdings) {
    StringBuilder text = new StringBuilder();
    plan.arenaBytes()
        .forEach(
            (device, bytes) ->
                text.append(
                    "%s: %,d bytes of temporaries%n"
                        .formatted(DeviceTable.nameOf(devices.device(device)), bytes)));
    int number = 0;
    for (Step step : plan.steps()) {
      text.append("%3d %s  [%s]%n".formatted(number++, line(step, devices), nodes(step)));
      if (step instanceof Step.Multiply multiply) {
        multiply.tail().ifPresent(tail -> indent(tail.toString(), text));
      }
      if (step instanceof Step.Launch launch) {
        Kernel structure = launch.kernel().abstracted().structure();
        indent(structure.toString(), text);
        String source = holdings.context(step.device()).compile(structure).source();
        if (!source.isBlank() && !source.equals(structure.toString())) {
          indent(source, text);
        }
      }
    }
    return text.toString();
  }

  private static void indent(String lines, StringBuilder text) {
    lines.lines().forEach(line -> text.append("      ").append(line).append('\n'));
  }

  private static String line(Step step, DeviceTable devices) {
    return switch (step) {
      case Step.Launch launch ->
          "kernel %s -> %s".formatted(values(launch.reads()), values(launch.writes()));
      case Step.Multiply multiply ->
          "gemm%s %dx%dx%d %s -> %s"
              .formatted(
                  multiply.tail().isPresent() ? " with tail" : "",
                  multiply.gemm().m(),
                  multiply.gemm().n(),
                  multiply.gemm().k(),
                  values(multiply.reads()),
                  values(multiply.writes()));
      case Step.Host host ->
          "host call %s -> %s".formatted(values(host.reads()), values(host.writes()));
      case Step.Copy copy ->
          "copy %s from %s to %s"
              .formatted(
                  value(copy.from()),
                  DeviceTable.nameOf(devices.device(copy.from().device())),
                  DeviceTable.nameOf(devices.device(copy.to().device())));
      case Step.InitializedFlag flag -> "is initialized " + flag.variable().name();
      case Step.Fetch fetch -> "fetch " + value(fetch.value());
    };
  }

  private static String values(Iterable<Value> values) {
    StringBuilder text = new StringBuilder("(");
    for (Value value : values) {
      text.append(text.length() > 1 ? ", " : "").append(value(value));
    }
    return text.append(')').toString();
  }

  private static String value(Value value) {
    String from =
        switch (value.root().source()) {
          case Value.Source.Variable(Operation variable, int version) ->
              variable.name() + "#" + version;
          case Value.Source.Feed feed -> feed.tensor().name();
          case Value.Source.Constant _ -> "const";
          case Value.Source.Random random -> "random state of " + random.op().name();
          default -> value.toString();
        };
    return "%s:%s%s".formatted(from, value.type(), value.shape().toRuntimeString());
  }

  private static String nodes(Step step) {
    return step.nodes().stream().map(Operation::name).collect(Collectors.joining(", "));
  }
}
