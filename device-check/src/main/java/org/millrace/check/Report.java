package org.millrace.check;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.Function;
import org.millrace.device.Device;
import org.millrace.device.Limits;

/**
 * What a check found, in Markdown, to be pasted into an issue.
 *
 * @param environment the versions of Millrace, Java and the operating system
 * @param found all devices of the machine, as {@link org.millrace.session.Devices#explain()} lists
 *     them
 * @param accelerators whether the machine has a device besides the CPU
 * @param results of the devices that were checked
 */
record Report(String environment, String found, boolean accelerators, List<DeviceResult> results) {
  private static final int MOST_FAILURES = 20;
  private static final String UNKNOWN = "unknown";

  /** What is said of a machine on which only the CPU can be checked. */
  static final String ONLY_THE_CPU =
      "**No device but the CPU was found.** What was looked for stands at the end.";

  /** Whether nothing failed. */
  boolean isPassed() {
    return results.stream().allMatch(DeviceResult::isPassed);
  }

  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    lines.add("## Millrace self-check: " + (isPassed() ? "everything passed" : "FAILED"));
    lines.add("");
    lines.add(environment);
    lines.add("");
    if (!accelerators) {
      lines.add(ONLY_THE_CPU);
      lines.add("");
    }
    devices(lines);
    outcomes(lines);
    speeds(lines);
    list("Failures", failures(), lines);
    list("Skipped", skipped(), lines);
    list("Notes", notes(), lines);
    lines.add("### Devices of this machine");
    lines.add("");
    lines.add("```");
    lines.addAll(found.stripTrailing().lines().toList());
    lines.add("```");
    return String.join("\n", lines) + "\n";
  }

  private void devices(List<String> lines) {
    row(lines, List.of("device", "what it is, and its driver", "memory", "result"));
    rule(lines, 4);
    for (DeviceResult result : results) {
      Device device = result.checked().device();
      row(
          lines,
          List.of(
              result.checked().name(),
              device.description(),
              String.format(
                  Locale.ROOT,
                  "%.1f GiB",
                  device.capabilities().memoryBytes() / (double) (1L << 30)),
              result.isPassed() ? "passed" : "**FAILED**"));
    }
    lines.add("");
  }

  private void outcomes(List<String> lines) {
    List<Part> parts =
        List.copyOf(
            new TreeSet<>(results.stream().flatMap(r -> r.parts().keySet().stream()).toList()));
    List<String> head = new ArrayList<>(List.of("device"));
    parts.forEach(part -> head.add(part.title()));
    row(lines, head);
    rule(lines, head.size());
    for (DeviceResult result : results) {
      List<String> cells = new ArrayList<>(List.of(result.checked().name()));
      for (Part part : parts) {
        Outcome outcome = result.parts().get(part);
        cells.add(outcome == null ? "-" : outcome.toString());
      }
      row(lines, cells);
    }
    lines.add("");
  }

  private void speeds(List<String> lines) {
    row(lines, List.of("device", "what", "speed", "limit of the device", "share"));
    rule(lines, 5);
    for (DeviceResult result : results) {
      result.speed().ifPresent(speed -> speeds(result.checked(), speed, lines));
    }
    lines.add("");
  }

  private static void speeds(CheckedDevice checked, Speed speed, List<String> lines) {
    String name = checked.name();
    Limits limits = checked.device().limits();
    speed
        .products()
        .forEach(
            (n, flops) -> {
              List<String> cells = new ArrayList<>();
              cells.add(name);
              cells.add("float32 product %1$d x %1$d x %1$d".formatted(n));
              cells.add(giga(flops) + " GFLOP/s");
              cells.add(limit(limits.flops(), " GFLOP/s"));
              cells.add(
                  limits.flops().isEmpty() && limits.cycles().isPresent()
                      ? String.format(
                          Locale.ROOT,
                          "%.2f FLOP per cycle and compute unit",
                          flops / limits.cycles().getAsDouble())
                      : share(flops, limits.flops()));
              row(lines, cells);
            });
    OptionalDouble none = OptionalDouble.empty();
    copy(name, "copy from the host", speed.upload(), none, lines);
    copy(name, "copy to the host", speed.download(), none, lines);
    copy(name, "copy within the device, read and written", 2 * speed.copy(), limits.bytes(), lines);
  }

  private static void copy(
      String name, String what, double bytes, OptionalDouble limit, List<String> lines) {
    row(
        lines,
        List.of(name, what, giga(bytes) + " GB/s", limit(limit, " GB/s"), share(bytes, limit)));
  }

  private static String limit(OptionalDouble limit, String unit) {
    return limit.isPresent() ? giga(limit.getAsDouble()) + unit : UNKNOWN;
  }

  private static String share(double value, OptionalDouble limit) {
    return limit.isPresent()
        ? String.format(Locale.ROOT, "%.0f %%", 100 * value / limit.getAsDouble())
        : UNKNOWN;
  }

  /** Billions, with three digits where there are fewer before the point. */
  private static String giga(double value) {
    double billions = value / 1e9;
    String format = billions >= 100 ? "%,.0f" : billions >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, billions);
  }

  private List<String> failures() {
    return each(
        outcome -> {
          List<String> lines = outcome.failures();
          if (lines.size() <= MOST_FAILURES) {
            return lines;
          }
          List<String> some = new ArrayList<>(lines.subList(0, MOST_FAILURES));
          some.add("and %d more".formatted(lines.size() - MOST_FAILURES));
          return some;
        });
  }

  private List<String> skipped() {
    return each(
        outcome ->
            outcome.skipped().entrySet().stream()
                .map(entry -> entry.getValue() + " times: " + entry.getKey())
                .sorted()
                .toList());
  }

  private List<String> notes() {
    return each(Outcome::notes);
  }

  private List<String> each(Function<Outcome, Collection<String>> what) {
    List<String> lines = new ArrayList<>();
    for (DeviceResult result : results) {
      result
          .outcomes()
          .forEach(
              (title, outcome) ->
                  what.apply(outcome)
                      .forEach(
                          line -> lines.add(result.checked().name() + ", " + title + ": " + line)));
    }
    return lines;
  }

  private static void list(String title, List<String> items, List<String> lines) {
    if (!items.isEmpty()) {
      lines.add("### " + title);
      lines.add("");
      items.forEach(item -> lines.add("- " + item));
      lines.add("");
    }
  }

  private static void row(List<String> lines, List<String> cells) {
    lines.add(
        "| "
            + String.join(" | ", cells.stream().map(cell -> cell.replace("|", "\\|")).toList())
            + " |");
  }

  private static void rule(List<String> lines, int columns) {
    lines.add("|" + "---|".repeat(columns));
  }
}
