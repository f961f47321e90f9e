package org.millrace.catalog;

import org.millrace.graph.Graph;

/** Everything of the catalog: what gradients and the users' facade build graphs with. */
public interface Nodes
    extends ActivationOps,
        ArithmeticOps,
        ArrayOps,
        CompareOps,
        ConstantOps,
        ControlOps,
        DebugOps,
        FunctionOps,
        GatherOps,
        JoinOps,
        MatrixOps,
        MathOps,
        RandomOps,
        ReductionOps,
        ScanOps,
        ShapeOps,
        SliceOps,
        SoftmaxOps,
        StateOps {

  /** The operations of the catalog on {@code graph}. */
  static Nodes on(Graph graph) {
    return () -> graph;
  }
}
