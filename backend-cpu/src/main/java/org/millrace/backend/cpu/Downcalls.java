package org.millrace.backend.cpu;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;

/** Handles on C functions; pointers are passed as {@code long}. */
final class Downcalls {
  private Downcalls() {}

  /** A function of the C library, or null if it cannot be had. */
  static MethodHandle find(String name, Class<?> result, Class<?>... parameters) {
    try {
      return find(Linker.nativeLinker().defaultLookup(), name, result, parameters);
    } catch (RuntimeException | LinkageError _) {
      return null;
    }
  }

  /**
   * A function of a library.
   *
   * @throws java.util.NoSuchElementException if the library does not have it
   */
  @SuppressWarnings("restricted")
  static MethodHandle find(
      SymbolLookup library, String name, Class<?> result, Class<?>... parameters) {
    MemoryLayout[] layouts = new MemoryLayout[parameters.length];
    for (int k = 0; k < parameters.length; k++) {
      layouts[k] = layout(parameters[k]);
    }
    FunctionDescriptor descriptor =
        result == void.class
            ? FunctionDescriptor.ofVoid(layouts)
            : FunctionDescriptor.of(layout(result), layouts);
    MemorySegment function = library.find(name).orElseThrow();
    return Linker.nativeLinker()
        .downcallHandle(function, descriptor)
        .asType(MethodType.methodType(result, parameters));
  }

  private static MemoryLayout layout(Class<?> type) {
    if (type == int.class) {
      return ValueLayout.JAVA_INT;
    } else if (type == long.class) {
      return ValueLayout.JAVA_LONG;
    } else if (type == float.class) {
      return ValueLayout.JAVA_FLOAT;
    } else if (type == double.class) {
      return ValueLayout.JAVA_DOUBLE;
    }
    throw new IllegalArgumentException("no such C type: " + type);
  }
}
