package org.millrace.graph;

/** What a name in a graph may stand for. */
public sealed interface GraphElement permits Operation, Tensor {
  /** The graph it is part of. */
  Graph graph();

  /** Its name, unique in the graph. */
  String name();

  /** The operation itself, or the one whose output the tensor is. */
  Operation op();
}
