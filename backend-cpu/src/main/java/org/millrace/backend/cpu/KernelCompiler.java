package org.millrace.backend.cpu;

import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Stage;

/** Turns kernel structures into JVM bytecode. */
final class KernelCompiler {
  private KernelCompiler() {}

  /** Compiles a structure, {@link Kernel#abstracted()}. */
  static LoopKernel compile(Kernel structure) {
    throw new UnsupportedOperationException(structure.toString());
  }

  /** The number of outer indices. */
  static long outer(Kernel structure, long[] sizes) {
    return product(structure.extents(), sizes);
  }

  /** A rough number of scalar operations in all. */
  static long work(Kernel structure, long[] sizes) {
    long perElement = 1;
    for (Stage stage : structure.stages()) {
      perElement += product(stage.extents(), sizes);
    }
    return outer(structure, sizes) * perElement;
  }

  private static long product(Iterable<Expr> extents, long[] sizes) {
    long product = 1;
    for (Expr extent : extents) {
      product *= extent instanceof Expr.Param p ? sizes[p.slot()] : ((Expr.Const) extent).bits();
    }
    return product;
  }
}
