package org.millrace.backend.cpu;

import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import org.millrace.kernel.Kernel;

/** Compiled kernels by their text. Holds a bounded number of them; which ones go is not defined. */
final class KernelCache {
  private static final int LIMIT = 4096;

  private final ConcurrentHashMap<String, Slot> slots = new ConcurrentHashMap<>();

  /** A kernel that is, or is about to be, compiled: others that need it wait for it, no more. */
  private static final class Slot {
    private CpuKernel kernel;
  }

  /**
   * The compiled form of a structure.
   *
   * @param compiled is run if it was not in the cache
   * @throws org.millrace.device.KernelCompileException if the compiler refuses it, each time
   */
  CpuKernel get(Kernel structure, Runnable compiled) {
    String text = structure.toString();
    Slot slot = slots.computeIfAbsent(text, _ -> new Slot());
    synchronized (slot) {
      if (slot.kernel == null) {
        try {
          slot.kernel = new CpuKernel(structure, KernelCompiler.compile(structure), text);
        } catch (RuntimeException | Error e) {
          slots.remove(text, slot);
          throw e;
        }
        compiled.run();
        bound(text);
      }
      return slot.kernel;
    }
  }

  private void bound(String latest) {
    Iterator<String> keys = slots.keySet().iterator();
    while (slots.size() > LIMIT && keys.hasNext()) {
      String key = keys.next();
      if (!key.equals(latest)) {
        slots.remove(key);
      }
    }
  }

  int size() {
    return slots.size();
  }
}
