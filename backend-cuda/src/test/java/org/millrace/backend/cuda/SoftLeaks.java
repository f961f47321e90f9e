package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.List;

/** What was not given back before its context ended. A context that work has ended owes nothing. */
final class SoftLeaks {
  private final List<String> found = new ArrayList<>();

  /** A context ends with so many pieces of pinned memory. */
  void end(SoftContext context, int pinned) {
    if (context.fault == null) {
      addLeft(context, found);
      if (pinned > 0) {
        found.add("%d pinned of %s".formatted(pinned, context));
      }
    }
  }

  /**
   * Fails if there is any, or if anything is still held.
   *
   * @throws AssertionError which lists it
   */
  void requireNone(List<SoftDevice> devices, SoftHost host) {
    List<String> left = new ArrayList<>(found);
    for (SoftDevice device : devices) {
      if (device.retained > 0) {
        left.add("%s is retained %d times".formatted(device.context, device.retained));
        addLeft(device.context, left);
      }
    }
    if (host.count() > 0) {
      left.add(host.count() + " pinned");
    }
    if (!left.isEmpty()) {
      throw new AssertionError("left on the software GPU: " + String.join("; ", left));
    }
  }

  private static void addLeft(SoftContext context, List<String> left) {
    context.members.stream()
        .map(member -> member.getClass().getSimpleName() + " of " + context)
        .forEach(left::add);
    context.device.memory.live().stream()
        .map(allocation -> allocation + " of " + context)
        .forEach(left::add);
  }
}
