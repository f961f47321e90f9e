package org.millrace.graph;

/** Whether {@code getVariable} makes variables or finds them. */
public enum Reuse {
  /** As the scope around; at the root, new variables only. */
  INHERIT,
  /** Existing variables only, in scopes within too unless they ask for {@link #AUTO}. */
  TRUE,
  /** Existing ones, or new ones where there are none. */
  AUTO
}
