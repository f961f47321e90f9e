package org.millrace.codegen;

/** What a vector is loaded from or stored to. */
public sealed interface GridMemory {
  /** The buffer parameter of that number. */
  record Parameter(int buffer) implements GridMemory {}

  /** The local array of that number. */
  record Local(int array) implements GridMemory {}
}
