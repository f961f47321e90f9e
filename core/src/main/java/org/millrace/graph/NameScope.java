package org.millrace.graph;

/** A scope of names. */
public final class NameScope implements Scope {
  private final String name;
  private final Runnable leave;

  NameScope(String name, Runnable leave) {
    this.name = name;
    this.leave = leave;
  }

  /** The full name with a slash at its end, {@code foo/}; empty for the root. */
  public String name() {
    return name;
  }

  @Override
  public void close() {
    leave.run();
  }
}
