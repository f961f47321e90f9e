package org.millrace.check;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the check of a device found.
 *
 * @param parts by part, in order
 * @param speed how fast it is, if that could be measured
 * @param measuring whether measuring went well
 */
record DeviceResult(
    CheckedDevice checked, Map<Part, Outcome> parts, Optional<Speed> speed, Outcome measuring) {

  /**
   * Checks a device.
   *
   * @param limit how long that may take; what is left then counts as failed
   * @param log takes lines on how it goes on
   */
  static DeviceResult of(CheckedDevice checked, Duration limit, PrintWriter log) {
    log.printf("%s: %s%n", checked.name(), checked.device().description());
    PartRun run = new PartRun(log, Instant.now().plus(limit));
    Map<Part, Outcome> parts = new LinkedHashMap<>();
    Part.of(checked).forEach(part -> parts.put(part, run.run(checked, part)));
    Tally tally = new Tally();
    Optional<Speed> speed = run.speed(checked, tally);
    return new DeviceResult(checked, parts, speed, tally.outcome());
  }

  /** Whether nothing failed. */
  boolean isPassed() {
    return measuring.isPassed() && parts.values().stream().allMatch(Outcome::isPassed);
  }

  /** Every outcome under its title. */
  Map<String, Outcome> outcomes() {
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    parts.forEach((part, outcome) -> outcomes.put(part.title(), outcome));
    outcomes.put("speed", measuring);
    return outcomes;
  }
}
