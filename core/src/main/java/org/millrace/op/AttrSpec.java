package org.millrace.op;

import java.util.Optional;
import java.util.Set;
import org.millrace.tensor.DType;

/**
 * An attribute of an operation.
 *
 * @param defaultValue the value where none is given; without one, and unless an input fixes it, the
 *     attribute must be given
 * @param allowed for a {@link AttrType#TYPE}, the element types it may take; empty for any
 */
public record AttrSpec(
    String name, AttrType type, Optional<Object> defaultValue, Set<DType> allowed) {
  public AttrSpec {
    allowed = Set.copyOf(allowed);
  }
}
