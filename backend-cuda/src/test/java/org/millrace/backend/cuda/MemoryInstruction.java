package org.millrace.backend.cuda;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.function.LongBinaryOperator;

/** An instruction that reads or writes memory: finds and checks the bytes of every lane first. */
abstract class MemoryInstruction extends SoftInstruction {
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** The kinds of memory. */
  enum Space {
    PARAM,
    GLOBAL,
    SHARED
  }

  private final Space space;
  private final int base;
  private final long displacement;
  private final int width;
  private final AccessChecks.Access access;

  /** Where the last lane was found, which is where the next will be. */
  private SoftAllocation latest;

  private SoftContext latestContext;

  /**
   * @param base the register of the address, or −1
   * @param width how many bytes a lane touches
   */
  MemoryInstruction(
      Space space, int base, long displacement, int width, AccessChecks.Access access) {
    this.space = space;
    this.base = base;
    this.displacement = displacement;
    this.width = width;
    this.access = access;
  }

  /** Does what is to be done, where the bytes of each lane of {@code mask} are known. */
  abstract void move(Warp warp, int mask, byte[] data, int[] offsets);

  @Override
  final void run(Warp warp, int mask) {
    switch (space) {
      case PARAM -> {
        find(warp, mask, warp.block.parameters.length);
        move(warp, mask, warp.block.parameters, warp.offsets);
      }
      case SHARED -> {
        find(warp, mask, warp.block.shared.length);
        count(mask, warp.counters, warp.counters.sharedLoads, warp.counters.sharedStores);
        if (warp.block.checks != null) {
          warp.block.checks.access(warp, mask, null, warp.offsets, width, access);
        }
        move(warp, mask, warp.block.shared, warp.offsets);
      }
      case GLOBAL -> {
        count(mask, warp.counters, warp.counters.globalLoads, warp.counters.globalStores);
        int left = mask;
        while (left != 0) {
          SoftAllocation allocation = allocation(warp, left);
          int found = findIn(allocation, warp, left);
          if (warp.block.checks != null) {
            warp.block.checks.access(warp, found, allocation.shadow, warp.offsets, width, access);
          }
          move(warp, found, allocation.data, warp.offsets);
          left &= ~found;
        }
      }
    }
  }

  private void count(int mask, GpuCounters counters, long[] loads, long[] stores) {
    int lanes = Integer.bitCount(mask);
    switch (access) {
      case LOAD -> loads[width] += lanes;
      case STORE -> stores[width] += lanes;
      case ATOMIC -> counters.atomics += lanes;
    }
  }

  private long address(Warp warp, int lane) {
    if (base < 0) {
      return displacement;
    }
    Lanes lanes = warp.registers[base];
    return displacement
        + (lanes.wide != null ? lanes.wide[lane] : lanes.narrow[lane] & 0xFFFF_FFFFL);
  }

  /** The bytes of all lanes of {@code mask} in a memory of {@code size} bytes at address 0. */
  private void find(Warp warp, int mask, int size) {
    if (mask == -1 && base >= 0 && isFound(warp.registers[base], size, warp.offsets)) {
      return;
    }
    for (int left = mask; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      long address = address(warp, lane);
      if (address < 0 || address > size - width) {
        throw warp.fault(
            1 << lane,
            "CUDA_ERROR_ILLEGAL_ADDRESS",
            "%d bytes at %d of %d bytes of %s memory"
                .formatted(width, address, size, space == Space.SHARED ? "shared" : "parameter"));
      }
      requireAligned(warp, lane, address);
      warp.offsets[lane] = (int) address;
    }
  }

  /** Whether all lanes are where they may be, and then also their offsets. */
  private boolean isFound(Lanes lanes, int size, int[] offsets) {
    if (lanes.narrow == null || displacement != (int) displacement) {
      return false;
    }
    int from = (int) displacement;
    int last = size - width;
    int[] addresses = lanes.narrow;
    int bits = 0;
    int outside = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      int offset = addresses[lane] + from;
      offsets[lane] = offset;
      bits |= offset;
      outside |= offset | last - offset;
    }
    return outside >= 0 && (bits & width - 1) == 0;
  }

  private void requireAligned(Warp warp, int lane, long address) {
    if ((address & width - 1) != 0) {
      throw warp.fault(
          1 << lane, "CUDA_ERROR_MISALIGNED_ADDRESS", "%d bytes at 0x%x".formatted(width, address));
    }
  }

  /** The allocation of the first lane of {@code mask}. */
  private SoftAllocation allocation(Warp warp, int mask) {
    int lane = Integer.numberOfTrailingZeros(mask);
    long address = address(warp, lane);
    SoftContext context = warp.context;
    SoftAllocation last = latest;
    if (last != null && last.live && last.holds(address, width) && latestContext == context) {
      return last;
    }
    SoftAllocation found = context.reach(address, width);
    if (found == null) {
      throw warp.fault(
          1 << lane,
          "CUDA_ERROR_ILLEGAL_ADDRESS",
          "%s of %d bytes at 0x%x: %s"
              .formatted(
                  access.text(), width, address, context.device.gpu.describe(address, context)));
    }
    latest = found;
    latestContext = context;
    return found;
  }

  /** The lanes whose bytes are in {@code allocation}. */
  private int findIn(SoftAllocation allocation, Warp warp, int mask) {
    int found = 0;
    Lanes lanes = base < 0 ? null : warp.registers[base];
    long from = displacement - allocation.base;
    long last = allocation.size - width;
    int[] offsets = warp.offsets;
    int bits = 0;
    if (mask == -1 && lanes != null) {
      long[] addresses = lanes.wide;
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        long offset = addresses[lane] + from;
        offsets[lane] = (int) offset;
        bits |= (int) offset;
        found |= offset >= 0 && offset <= last ? 1 << lane : 0;
      }
    } else {
      for (int left = mask; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        long offset = address(warp, lane) - allocation.base;
        offsets[lane] = (int) offset;
        bits |= (int) offset;
        found |= offset >= 0 && offset <= last ? 1 << lane : 0;
      }
    }
    if ((bits & width - 1) != 0) {
      for (int left = found; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        requireAligned(warp, lane, allocation.base + offsets[lane]);
      }
    }
    return found;
  }

  /** The bits at a place, as a load of {@code type} extends them. */
  private static long get(PtxType type, byte[] data, int offset) {
    return switch (type.bytes()) {
      case 1 -> type.signed() ? data[offset] : data[offset] & 0xFFL;
      case 2 ->
          type.signed()
              ? (short) SHORTS.get(data, offset)
              : (short) SHORTS.get(data, offset) & 0xFFFFL;
      case 4 ->
          type.signed()
              ? (int) INTS.get(data, offset)
              : (int) INTS.get(data, offset) & 0xFFFF_FFFFL;
      default -> (long) LONGS.get(data, offset);
    };
  }

  private static void put(PtxType type, byte[] data, int offset, long value) {
    switch (type.bytes()) {
      case 1 -> data[offset] = (byte) value;
      case 2 -> SHORTS.set(data, offset, (short) value);
      case 4 -> INTS.set(data, offset, (int) value);
      default -> LONGS.set(data, offset, value);
    }
  }

  /** {@code ld}. */
  static final class Load extends MemoryInstruction {
    private final PtxType type;
    private final int[] targets;
    private final boolean[] halves;

    /**
     * @param halves whether each target has 16 bits
     */
    Load(Space space, PtxType type, int base, long displacement, int[] targets, boolean[] halves) {
      super(space, base, displacement, type.bytes() * targets.length, AccessChecks.Access.LOAD);
      this.type = type;
      this.targets = targets;
      this.halves = halves;
    }

    @Override
    void move(Warp warp, int mask, byte[] data, int[] offsets) {
      for (int k = 0; k < targets.length; k++) {
        load(warp.registers[targets[k]], mask, data, offsets, k * type.bytes(), halves[k]);
      }
    }

    private void load(Lanes d, int mask, byte[] data, int[] offsets, int more, boolean half) {
      if (mask == -1 && type.bytes() == 4 && d.narrow != null) {
        int[] target = d.narrow;
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
          target[lane] = (int) INTS.get(data, offsets[lane] + more);
        }
        return;
      }
      for (int left = mask; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        long value = get(type, data, offsets[lane] + more);
        if (d.wide != null) {
          d.wide[lane] = value;
        } else {
          d.narrow[lane] = half ? (int) value & 0xFFFF : (int) value;
        }
      }
    }
  }

  /** {@code st}. */
  static final class Store extends MemoryInstruction {
    private final PtxType type;
    private final int[] sources;

    Store(Space space, PtxType type, int base, long displacement, int[] sources) {
      super(space, base, displacement, type.bytes() * sources.length, AccessChecks.Access.STORE);
      this.type = type;
      this.sources = sources;
    }

    @Override
    void move(Warp warp, int mask, byte[] data, int[] offsets) {
      for (int k = 0; k < sources.length; k++) {
        Lanes source = warp.registers[sources[k]];
        int more = k * type.bytes();
        if (mask == -1 && type.bytes() == 4 && source.narrow != null) {
          int[] values = source.narrow;
          for (int lane = 0; lane < Lanes.COUNT; lane++) {
            INTS.set(data, offsets[lane] + more, values[lane]);
          }
          continue;
        }
        for (int left = mask; left != 0; left &= left - 1) {
          int lane = Integer.numberOfTrailingZeros(left);
          long value = source.wide != null ? source.wide[lane] : source.narrow[lane];
          put(type, data, offsets[lane] + more, value);
        }
      }
    }
  }

  /** {@code atom} and {@code red}: lane after lane. */
  static final class Atomic extends MemoryInstruction {
    private final PtxType type;
    private final LongBinaryOperator op;
    private final int target;
    private final int a;
    private final int b;

    /**
     * @param op from the old value and the operand to the new value; null for {@code cas}
     * @param target −1 of {@code red}
     * @param b what {@code cas} writes, else −1
     */
    Atomic(
        Space space,
        PtxType type,
        int base,
        long displacement,
        LongBinaryOperator op,
        int target,
        int a,
        int b) {
      super(space, base, displacement, type.bytes(), AccessChecks.Access.ATOMIC);
      this.type = type;
      this.op = op;
      this.target = target;
      this.a = a;
      this.b = b;
    }

    @Override
    void move(Warp warp, int mask, byte[] data, int[] offsets) {
      for (int left = mask; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        long old = get(type, data, offsets[lane]);
        long operand = value(warp.registers[a], lane);
        if (op != null) {
          put(type, data, offsets[lane], op.applyAsLong(old, operand));
        } else if (old == operand) {
          put(type, data, offsets[lane], value(warp.registers[b], lane));
        }
        if (target >= 0) {
          Lanes d = warp.registers[target];
          if (d.wide != null) {
            d.wide[lane] = old;
          } else {
            d.narrow[lane] = (int) old;
          }
        }
      }
    }

    /** A lane's operand, extended as {@link #get} does. */
    private long value(Lanes lanes, int lane) {
      if (lanes.wide != null) {
        return lanes.wide[lane];
      }
      return type.signed() ? lanes.narrow[lane] : lanes.narrow[lane] & 0xFFFF_FFFFL;
    }
  }
}
