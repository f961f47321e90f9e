package org.millrace.backend.cpu;

import java.util.List;

/**
 * Nodes that are computed by a method of their own, of which only the root is used by others.
 *
 * @param name the name of the method
 * @param nodes the nodes that the method computes, the root last
 * @param inputs the nodes whose values are its parameters
 */
record Outlined(String name, List<Node> nodes, List<Node> inputs) {
  Node root() {
    return nodes.getLast();
  }
}
