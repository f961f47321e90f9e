package org.millrace.device;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.Optional;

/** Asks the JDK for native libraries, quietly, before a binding is asked that would complain. */
public final class NativeLibraries {
  private NativeLibraries() {}

  /** The first of {@code names} (a file name, or a path) that can be loaded. */
  public static Optional<String> find(List<String> names) {
    return names.stream().filter(NativeLibraries::loads).findFirst();
  }

  @SuppressWarnings("restricted")
  private static boolean loads(String name) {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(name, arena);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
