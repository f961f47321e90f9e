package org.millrace.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where each temporary of a plan lies in the arena of its device: values whose lifetimes do not
 * overlap share memory.
 *
 * @param offsets for each value with storage in the arena (feeds, results of steps, random states),
 *     where it starts, in bytes
 * @param bytes for each device number, the size of the arena
 */
record MemoryPlan(Map<Value, Long> offsets, Map<Integer, Long> bytes) {
  /** What every offset is a multiple of: a cache line, and more than any device here asks for. */
  static final long ALIGNMENT = 256;

  private record Interval(Value value, int from, int to, long bytes) {}

  /** Plans the steps, which run in the order given. */
  static MemoryPlan of(List<Step> steps, List<Value> values) {
    Map<Value, int[]> lives = new LinkedHashMap<>();
    for (Value value : values) {
      if (value.source() instanceof Value.Source.Feed
          || value.source() instanceof Value.Source.Random) {
        lives.put(value, new int[] {-1, -1}); // there before the first step
      }
    }
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      // What is fetched is copied out at the end of the run.
      int end = step instanceof Step.Fetch ? steps.size() : i;
      List<Value> touched = new ArrayList<>(step.reads());
      touched.addAll(step.writes());
      for (Value value : touched) {
        Value root = value.root();
        if (isTemporary(root)) {
          int at = i;
          int[] life = lives.computeIfAbsent(root, _ -> new int[] {at, at});
          life[1] = Math.max(life[1], end);
        }
      }
    }
    Map<Integer, List<Interval>> byDevice = new HashMap<>();
    lives.forEach(
        (value, life) ->
            byDevice
                .computeIfAbsent(value.device(), _ -> new ArrayList<>())
                .add(new Interval(value, life[0], life[1], aligned(value.bytes()))));
    Map<Value, Long> offsets = new HashMap<>();
    Map<Integer, Long> bytes = new HashMap<>();
    byDevice.forEach((device, intervals) -> bytes.put(device, place(intervals, offsets)));
    return new MemoryPlan(offsets, bytes);
  }

  private static boolean isTemporary(Value root) {
    return switch (root.source()) {
      case Value.Source.Feed _, Value.Source.Random _, Value.Source.Computed _ -> true;
      case Value.Source.Constant _, Value.Source.Variable _, Value.Source.Alias _ -> false;
    };
  }

  /** Puts the largest first, each at the lowest offset that is free during its life. */
  private static long place(List<Interval> intervals, Map<Value, Long> offsets) {
    intervals.sort(
        Comparator.comparingLong((Interval i) -> -i.bytes)
            .thenComparingInt(Interval::from)
            .thenComparingInt(i -> i.value.id()));
    List<Interval> placed = new ArrayList<>();
    long end = 0;
    for (Interval interval : intervals) {
      List<Interval> rivals =
          placed.stream()
              .filter(other -> other.from <= interval.to && interval.from <= other.to)
              .sorted(Comparator.comparingLong(other -> offsets.get(other.value)))
              .toList();
      long offset = 0;
      for (Interval rival : rivals) {
        long start = offsets.get(rival.value);
        if (start - offset >= interval.bytes) {
          break;
        }
        offset = Math.max(offset, start + rival.bytes);
      }
      offsets.put(interval.value, offset);
      placed.add(interval);
      end = Math.max(end, offset + interval.bytes);
    }
    return end;
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
