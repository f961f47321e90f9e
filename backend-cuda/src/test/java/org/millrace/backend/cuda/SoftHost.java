package org.millrace.backend.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/** Pinned host memory. */
final class SoftHost {
  private static final int ALIGNMENT = 4096;

  private record Pinned(Arena arena, SoftContext context, long bytes) {}

  private final TreeMap<Long, Pinned> live = new TreeMap<>();

  int count() {
    return live.size();
  }

  MemorySegment allocate(long bytes, SoftContext context) {
    Arena arena = Arena.ofShared();
    MemorySegment memory = arena.allocate(bytes, ALIGNMENT).fill((byte) 0xA5);
    live.put(memory.address(), new Pinned(arena, context, bytes));
    return memory;
  }

  /** Ends the memory; false if there is none such. */
  boolean free(MemorySegment memory) {
    Pinned pinned = live.remove(memory.address());
    if (pinned == null) {
      return false;
    }
    pinned.arena.close();
    return true;
  }

  /** Whether the byte at {@code address} is pinned. */
  boolean isPinned(long address) {
    Map.Entry<Long, Pinned> entry = live.floorEntry(address);
    return entry != null && address - entry.getKey() < entry.getValue().bytes;
  }

  /** Ends what belongs to {@code context}; returns how many there were. */
  int release(SoftContext context) {
    int before = live.size();
    live.values()
        .removeIf(
            pinned -> {
              if (pinned.context == context) {
                pinned.arena.close();
              }
              return pinned.context == context;
            });
    return before - live.size();
  }
}
