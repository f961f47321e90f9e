package org.millrace.check;

import java.util.List;
import java.util.Map;

/**
 * How a part of the check of a device ended.
 *
 * @param passed how many tests passed
 * @param failures a line for each that failed
 * @param skipped how many tests were skipped, by reason
 * @param notes what is worth telling anyway
 */
record Outcome(
    int passed, List<String> failures, Map<String, Integer> skipped, List<String> notes) {
  Outcome {
    failures = List.copyOf(failures);
    skipped = Map.copyOf(skipped);
    notes = List.copyOf(notes);
  }

  /** Whether nothing failed. */
  boolean isPassed() {
    return failures.isEmpty();
  }

  /** The counts. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(passed + " passed");
    if (!failures.isEmpty()) {
      text.append(", **").append(failures.size()).append(" failed**");
    }
    int left = skipped.values().stream().mapToInt(Integer::intValue).sum();
    if (left > 0) {
      text.append(", ").append(left).append(" skipped");
    }
    return text.toString();
  }
}
