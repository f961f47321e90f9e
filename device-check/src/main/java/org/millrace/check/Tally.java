package org.millrace.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Counts the tests of a part while they run. */
final class Tally implements TestExecutionListener {
  private static final int LONGEST_LINE = 300;

  private final List<String> failures = new ArrayList<>();
  private final Map<String, Integer> skipped = new TreeMap<>();
  private final List<String> notes = new ArrayList<>();
  private int passed;
  private String running = "";

  @Override
  public synchronized void executionStarted(TestIdentifier test) {
    running = nameOf(test);
  }

  @Override
  public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
    Throwable cause = result.getThrowable().orElse(null);
    switch (result.getStatus()) {
      case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
      case ABORTED -> skipped.merge(reason(cause), 1, Integer::sum);
      case FAILED -> fail(nameOf(test), cause);
    }
  }

  @Override
  public synchronized void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
    entry.getKeyValuePairs().forEach((key, value) -> notes.add(key + ": " + value));
  }

  /** Counts something that is no test and went well. */
  synchronized void pass() {
    passed++;
  }

  /** Adds a failure that is not a test's. */
  synchronized void fail(String what, Throwable cause) {
    failures.add("`%s`: %s".formatted(what, line(cause)));
  }

  /** How many tests are done, and which one is not. */
  synchronized String progress() {
    return "%d done, %d failed, in %s".formatted(done(), failures.size(), running);
  }

  /** How many tests are done, whatever came of them. */
  synchronized int done() {
    return passed + failures.size() + skipped.values().stream().mapToInt(n -> n).sum();
  }

  /** What was counted so far. */
  synchronized Outcome outcome() {
    return new Outcome(passed, failures, skipped, notes);
  }

  private static String nameOf(TestIdentifier test) {
    return test.getDisplayName().replace("()", "");
  }

  /** Why a test was skipped, without what is special about it. */
  private static String reason(Throwable cause) {
    return line(cause).replaceFirst("^Assumption failed: ", "").split(": ")[0];
  }

  /** What is wrong, in one line. */
  static String line(Throwable cause) {
    String text = cause == null ? "no reason given" : cause.getMessage();
    if (text == null || !(cause instanceof AssertionError || isSkip(cause))) {
      text = String.valueOf(cause);
    }
    text = text.strip().replaceAll("\\s+", " ");
    return text.length() > LONGEST_LINE ? text.substring(0, LONGEST_LINE) + " ..." : text;
  }

  private static boolean isSkip(Throwable cause) {
    return cause instanceof org.opentest4j.TestAbortedException;
  }
}
