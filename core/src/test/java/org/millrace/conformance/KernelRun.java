package org.millrace.conformance;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.millrace.device.Buffer;
import org.millrace.device.CompiledKernel;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceFault;
import org.millrace.device.Launch;
import org.millrace.device.Region;
import org.millrace.kernel.Evaluator;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;

/**
 * Runs cases on a device and by the evaluator, and says how they differ. Each operand lies between
 * two guard zones, and what is to be stored starts as NaN, unless a memory checker watches: then
 * each operand has exactly a region, and what is to be stored has never been written.
 */
public final class KernelRun {
  private static final int GUARD_BYTES = 256;
  private static final byte GUARD = (byte) 0xA5;
  private static final byte POISON = (byte) 0xFF; // a NaN in every floating type

  private final DeviceContext context;
  private final boolean watched;
  private final long guard;
  private final Map<String, CompiledKernel> compiled = new HashMap<>();

  KernelRun(DeviceContext context) {
    this(context, false);
  }

  private KernelRun(DeviceContext context, boolean watched) {
    this.context = context;
    this.watched = watched;
    int alignment = Math.max(1, context.device().capabilities().alignment());
    guard = watched ? 0 : (long) Math.ceilDiv(GUARD_BYTES, alignment) * alignment;
  }

  /** Runs on a device whose memory accesses a checker watches. */
  public static KernelRun watched(DeviceContext context) {
    return new KernelRun(context, true);
  }

  /** Compiles a structure, or finds it. */
  CompiledKernel compile(Kernel structure) {
    return compiled.computeIfAbsent(structure.toString(), _ -> context.compile(structure));
  }

  /** The differences between device and evaluator, one sentence each; empty if there are none. */
  public List<String> differences(KernelCase kernelCase) {
    Kernel.Abstracted abstracted = kernelCase.kernel().abstracted();
    CompiledKernel kernel = compile(abstracted.structure());
    return differences(
            kernelCase, buffers -> Optional.of(context.bind(kernel, buffers, abstracted.sizes())))
        .orElseThrow();
  }

  /** The differences of a library product, nothing if the device has no library for it. */
  public Optional<List<String>> differences(ProductCase product) {
    return differences(
        product.kernel(), buffers -> context.bind(product.gemm(), product.tail(), buffers));
  }

  private Optional<List<String>> differences(
      KernelCase kernelCase, Function<List<Buffer>, Optional<Launch>> bind) {
    List<String> differences = new ArrayList<>();
    List<Region> regions = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> expected = memory(kernelCase, arena);
      List<MemorySegment> images = new ArrayList<>();
      List<Buffer> buffers = new ArrayList<>();
      for (int k = 0; k < expected.size(); k++) {
        MemorySegment operand = expected.get(k);
        Integer home = kernelCase.inPlace().get(k);
        if (home != null) {
          images.add(images.get(home));
          buffers.add(buffers.get(home));
          continue;
        }
        MemorySegment image = guarded(operand, arena);
        Region region = context.allocate(image.byteSize());
        regions.add(region);
        boolean read = kernelCase.kernel().operands().get(k).access() == Operand.Access.READ;
        if (read || !watched) {
          context.upload(image, new Buffer(region, 0, image.byteSize())).await();
        }
        images.add(image);
        buffers.add(new Buffer(region, guard, operand.byteSize()));
      }
      Optional<Launch> launch = bind.apply(buffers);
      if (launch.isEmpty()) {
        return Optional.empty();
      }
      context.submit(new Launch[] {launch.get()});
      Optional<DeviceFault> fault = context.synchronize();
      Kernel.Abstracted abstracted = kernelCase.kernel().abstracted();
      Optional<Evaluator.Fault> expectedFault =
          Evaluator.run(abstracted.structure(), expected, abstracted.sizes());
      compareFaults(launch.get(), fault, expectedFault, differences);
      for (int k = 0; k < buffers.size(); k++) {
        MemorySegment image = images.get(k);
        Region region = buffers.get(k).region();
        context.download(new Buffer(region, 0, image.byteSize()), image).await();
        compareGuards(k, image, expected.get(k).byteSize(), differences);
        Operand operand = kernelCase.kernel().operands().get(k);
        MemorySegment actual = image.asSlice(guard, expected.get(k).byteSize());
        long ulps = allowedUlps(kernelCase, operand);
        Comparison.compare(k, operand, expected.get(k), actual, ulps, differences);
      }
    } finally {
      if (!watched) { // Oclgrind 21.10 takes the next buffer for one of the freed buffer's size
        regions.forEach(context::free);
      }
    }
    return Optional.of(differences);
  }

  /** The memory of each operand: inputs as the case says, outputs poisoned. */
  static List<MemorySegment> memory(KernelCase kernelCase, Arena arena) {
    List<MemorySegment> memory = new ArrayList<>();
    int input = 0;
    for (Operand operand : kernelCase.kernel().operands()) {
      Integer home = kernelCase.inPlace().get(memory.size());
      if (home != null) {
        memory.add(memory.get(home));
        continue;
      }
      long elements = 1;
      for (Expr extent : operand.extents()) {
        elements *= ((Expr.Size) extent).value();
      }
      long bytes = elements * operand.type().bytes();
      MemorySegment segment = arena.allocate(Math.max(8, bytes), 8).asSlice(0, bytes);
      if (operand.access() == Operand.Access.READ) {
        write(segment, operand.type().bytes(), kernelCase.inputs().get(input++));
      } else {
        segment.fill(POISON);
      }
      memory.add(segment);
    }
    return memory;
  }

  private static void write(MemorySegment segment, int width, long[] bits) {
    for (int k = 0; k < bits.length; k++) {
      switch (width) {
        case 8 -> segment.setAtIndex(ValueLayout.JAVA_LONG, k, bits[k]);
        case 4 -> segment.setAtIndex(ValueLayout.JAVA_INT, k, (int) bits[k]);
        case 2 -> segment.setAtIndex(ValueLayout.JAVA_SHORT, k, (short) bits[k]);
        default -> segment.set(ValueLayout.JAVA_BYTE, k, (byte) bits[k]);
      }
    }
  }

  private MemorySegment guarded(MemorySegment operand, Arena arena) {
    MemorySegment image = arena.allocate(operand.byteSize() + 2 * guard, 64);
    image.fill(GUARD);
    image.asSlice(guard, operand.byteSize()).copyFrom(operand);
    return image;
  }

  private void compareGuards(int operand, MemorySegment image, long bytes, List<String> to) {
    for (long at = 0; at < image.byteSize(); at++) {
      boolean outside = at < guard || at >= guard + bytes;
      if (outside && image.get(ValueLayout.JAVA_BYTE, at) != GUARD) {
        to.add("operand #%d: byte %d of %d was overwritten".formatted(operand, at - guard, bytes));
        return;
      }
    }
  }

  private long allowedUlps(KernelCase kernelCase, Operand operand) {
    boolean loose =
        !context.device().capabilities().correctlyRounded()
            && kernelCase.divides()
            && operand.type().isFloating();
    return loose ? Comparison.LOOSE_ULPS : 0;
  }

  private static void compareFaults(
      Launch launch,
      Optional<DeviceFault> actual,
      Optional<Evaluator.Fault> expected,
      List<String> differences) {
    Optional<DeviceFault> translated =
        expected.map(f -> new DeviceFault(launch.id(), f.code(), f.element(), f.value()));
    if (!translated.equals(actual)) {
      differences.add("fault: " + actual + ", expected " + translated);
    }
  }
}
