package org.millrace.op;

import java.util.Collection;

/** A library of declarations, found by {@link java.util.ServiceLoader}. */
@FunctionalInterface
public interface OpProvider {
  /** Its declarations; a type is declared by one provider only. */
  Collection<? extends OpDef> ops();
}
