package org.millrace.backend.cpu;

import java.util.List;

/**
 * A pass as nodes.
 *
 * @param graph the nodes by level
 * @param outer the outer extents, and {@code inner} the inner ones
 * @param values what each reduction takes
 * @param targets the stores
 */
record LoweredPass(
    Pass pass,
    PassLevels levels,
    NodeGraph graph,
    List<Node> outer,
    List<Node> inner,
    List<Node> values,
    List<PassLowering.Target> targets) {}
