package org.millrace.graph;

/**
 * Something that holds for the nodes built until it is closed; for a try-with-resources statement.
 * Scopes belong to a thread and are closed in reverse order.
 */
public interface Scope extends AutoCloseable {
  @Override
  void close();
}
