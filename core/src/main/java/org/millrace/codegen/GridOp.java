package org.millrace.codegen;

import java.util.List;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.UnaryOp;
import org.millrace.tensor.DType;

/**
 * One scalar operation on values. {@link Unary}, {@link Binary}, {@link Fma}, {@link Select},
 * {@link Convert} and {@link Reinterpret} mean exactly what their namesakes of the kernel IR do, in
 * every corner; {@link Index} is address arithmetic, which printers write as plainly as they can.
 */
public sealed interface GridOp {
  /** The type of the result. */
  DType type();

  /** The values it takes, in order. */
  List<GridValue> operands();

  /** {@code x} itself: reads a mutable variable, or starts one. */
  record Copy(GridValue x) implements GridOp {
    @Override
    public DType type() {
      return x.type();
    }

    @Override
    public List<GridValue> operands() {
      return List.of(x);
    }
  }

  /** {@code op(x)}. */
  record Unary(UnaryOp op, GridValue x) implements GridOp {
    @Override
    public DType type() {
      return x.type();
    }

    @Override
    public List<GridValue> operands() {
      return List.of(x);
    }
  }

  /** {@code op(a, b)}. */
  record Binary(BinaryOp op, GridValue a, GridValue b) implements GridOp {
    @Override
    public DType type() {
      return op.resultType(a.type());
    }

    @Override
    public List<GridValue> operands() {
      return List.of(a, b);
    }
  }

  /** {@code a * b + c} rounded once. */
  record Fma(GridValue a, GridValue b, GridValue c) implements GridOp {
    @Override
    public DType type() {
      return a.type();
    }

    @Override
    public List<GridValue> operands() {
      return List.of(a, b, c);
    }
  }

  /** {@code condition ? a : b}. */
  record Select(GridValue condition, GridValue a, GridValue b) implements GridOp {
    @Override
    public DType type() {
      return a.type();
    }

    @Override
    public List<GridValue> operands() {
      return List.of(condition, a, b);
    }
  }

  /** {@code x} converted as by the IR's cast. */
  record Convert(DType type, GridValue x) implements GridOp {
    @Override
    public List<GridValue> operands() {
      return List.of(x);
    }
  }

  /** The bits of {@code x} as another type of the same width. */
  record Reinterpret(DType type, GridValue x) implements GridOp {
    @Override
    public List<GridValue> operands() {
      return List.of(x);
    }
  }

  /** Arithmetic of indices, int64. */
  enum IndexOp {
    /** The sum. */
    ADD,
    /** The product. */
    MUL,
    /** The quotient. */
    DIV,
    /** The remainder. */
    REM
  }

  /**
   * {@code op(a, b)} where nothing overflows and a divisor and its dividend are not negative or 0.
   */
  record Index(IndexOp op, GridValue a, GridValue b) implements GridOp {
    @Override
    public DType type() {
      return DType.INT64;
    }

    @Override
    public List<GridValue> operands() {
      return List.of(a, b);
    }
  }

  /** Element {@code index} of a buffer parameter. */
  record Load(int buffer, DType type, GridValue index) implements GridOp {
    @Override
    public List<GridValue> operands() {
      return List.of(index);
    }
  }

  /** The load where {@code condition} holds, else {@code otherwise} without touching memory. */
  record GuardedLoad(GridValue condition, int buffer, GridValue index, GridValue otherwise)
      implements GridOp {
    @Override
    public DType type() {
      return otherwise.type();
    }

    @Override
    public List<GridValue> operands() {
      return List.of(condition, index, otherwise);
    }
  }

  /** Element {@code index} of a local array. */
  record LocalLoad(int array, DType type, GridValue index) implements GridOp {
    @Override
    public List<GridValue> operands() {
      return List.of(index);
    }
  }

  /**
   * Whether the result depends on the operands alone, so that it may be computed once and early.
   */
  default boolean isPure() {
    return switch (this) {
      case Unary _, Binary _, Fma _, Select _, Convert _, Reinterpret _, Index _ -> true;
      case Copy _, Load _, GuardedLoad _, LocalLoad _ -> false;
    };
  }
}
