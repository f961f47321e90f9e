package org.millrace.backend.cpu;

import static java.lang.constant.ConstantDescs.CD_int;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Locale;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.UnaryOp;
import org.millrace.tensor.DType;

/** Scalar arithmetic as bytecode: the operands are on the stack, the result takes their place. */
final class ScalarCode {
  static final ClassDesc NUMBERS = NodePrinter.Names.of(Numbers.class);
  private static final ClassDesc MATH = NodePrinter.Names.of(Math.class);

  private ScalarCode() {}

  static void unary(CodeBuilder code, UnaryOp op, DType type) {
    TypeKind kind = Node.kind(type);
    switch (op) {
      case NEG -> {
        switch (kind) {
          case FLOAT -> code.fneg();
          case DOUBLE -> code.dneg();
          case LONG -> code.lneg();
          default -> code.ineg();
        }
        wrap(code, type);
      }
      case ABS -> {
        if (!type.isUnsigned()) {
          call(code, MATH, "abs", kind, kind);
          wrap(code, type);
        }
      }
      case SQRT, FLOOR, CEIL, RINT -> {
        String name = op.name().toLowerCase(Locale.ROOT);
        call(code, kind == TypeKind.DOUBLE ? MATH : NUMBERS, name, kind, kind);
        wrap(code, type);
      }
      case NOT -> {
        if (type == DType.BOOL) {
          code.iconst_1().ixor();
        } else if (kind == TypeKind.LONG) {
          code.loadConstant(-1L).lxor();
        } else {
          code.iconst_m1().ixor();
          wrap(code, type);
        }
      }
    }
  }

  static void fma(CodeBuilder code, DType type) {
    TypeKind kind = Node.kind(type);
    call(code, MATH, "fma", kind, kind, kind, kind);
  }

  static void binary(CodeBuilder code, BinaryOp op, DType type) {
    TypeKind kind = Node.kind(type);
    switch (op) {
      case ADD -> {
        add(code, kind);
        wrap(code, type);
      }
      case SUB -> {
        switch (kind) {
          case FLOAT -> code.fsub();
          case DOUBLE -> code.dsub();
          case LONG -> code.lsub();
          default -> code.isub();
        }
        wrap(code, type);
      }
      case MUL -> {
        multiply(code, kind);
        wrap(code, type);
      }
      case DIV -> {
        switch (kind) {
          case FLOAT -> code.fdiv();
          case DOUBLE -> code.ddiv();
          default -> call(code, NUMBERS, wide(type) ? "divUnsigned" : "div", kind, kind, kind);
        }
        wrap(code, type);
      }
      case REM -> {
        switch (kind) {
          case FLOAT -> code.frem();
          case DOUBLE -> code.drem();
          default -> call(code, NUMBERS, wide(type) ? "remUnsigned" : "rem", kind, kind, kind);
        }
        wrap(code, type);
      }
      case MIN, MAX -> order(code, op, type, kind);
      case AND, OR, XOR -> bits(code, op, kind);
      case SHL, SHR -> shift(code, op, type, kind);
      case MUL_HI -> call(code, NUMBERS, "mulHigh", kind, kind, kind);
      case EQ, NE -> compare(code, op, kind);
      case LT, LE, GT, GE -> {
        if (wide(type)) {
          flipBoth(code, kind);
        }
        compare(code, op, kind);
      }
    }
  }

  static void add(CodeBuilder code, TypeKind kind) {
    switch (kind) {
      case FLOAT -> code.fadd();
      case DOUBLE -> code.dadd();
      case LONG -> code.ladd();
      default -> code.iadd();
    }
  }

  static void multiply(CodeBuilder code, TypeKind kind) {
    switch (kind) {
      case FLOAT -> code.fmul();
      case DOUBLE -> code.dmul();
      case LONG -> code.lmul();
      default -> code.imul();
    }
  }

  /** The greater or lesser of two values as their JVM kind compares them. */
  static void order(CodeBuilder code, BinaryOp op, TypeKind kind) {
    call(code, MATH, op == BinaryOp.MAX ? "max" : "min", kind, kind, kind);
  }

  /** Unsigned types as wide as their JVM kind compare in order once their sign bits are flipped. */
  static boolean wide(DType type) {
    return type == DType.UINT32 || type == DType.UINT64;
  }

  /** Flips the sign bit of the value. */
  static void flip(CodeBuilder code, TypeKind kind) {
    if (kind == TypeKind.LONG) {
      code.loadConstant(Long.MIN_VALUE).lxor();
    } else {
      code.loadConstant(Integer.MIN_VALUE).ixor();
    }
  }

  /** Rounds or wraps a result in the wider JVM kind to {@code type}. */
  static void wrap(CodeBuilder code, DType type) {
    switch (type) {
      case FLOAT16 -> call(code, NUMBERS, "roundFloat16", TypeKind.FLOAT, TypeKind.FLOAT);
      case BFLOAT16 -> call(code, NUMBERS, "roundBfloat16", TypeKind.FLOAT, TypeKind.FLOAT);
      case INT8 -> code.i2b();
      case INT16 -> code.i2s();
      case UINT8 -> code.loadConstant(0xFF).iand();
      case UINT16 -> code.i2c();
      case FLOAT32, FLOAT64, INT32, INT64, UINT32, UINT64, BOOL -> {}
      case STRING -> throw new IllegalArgumentException("kernels have no strings");
    }
  }

  private static void order(CodeBuilder code, BinaryOp op, DType type, TypeKind kind) {
    if (wide(type)) {
      flipBoth(code, kind);
      order(code, op, kind);
      flip(code, kind);
    } else {
      order(code, op, kind);
    }
  }

  private static void bits(CodeBuilder code, BinaryOp op, TypeKind kind) {
    boolean isLong = kind == TypeKind.LONG;
    switch (op) {
      case AND -> {
        if (isLong) {
          code.land();
        } else {
          code.iand();
        }
      }
      case OR -> {
        if (isLong) {
          code.lor();
        } else {
          code.ior();
        }
      }
      default -> {
        if (isLong) {
          code.lxor();
        } else {
          code.ixor();
        }
      }
    }
  }

  private static void shift(CodeBuilder code, BinaryOp op, DType type, TypeKind kind) {
    String name = op == BinaryOp.SHL ? "shl" : type.isUnsigned() ? "shrUnsigned" : "shr";
    if (kind == TypeKind.LONG) {
      call(code, NUMBERS, name, kind, kind, kind);
    } else {
      code.loadConstant(8 * type.bytes());
      call(code, NUMBERS, name, kind, kind, kind, TypeKind.INT);
    }
    wrap(code, type);
  }

  private static void compare(CodeBuilder code, BinaryOp op, TypeKind kind) {
    ClassDesc of = NodePrinter.Names.of(kind);
    String name = op.name().toLowerCase(Locale.ROOT);
    code.invokestatic(NUMBERS, name, MethodTypeDesc.of(CD_int, of, of));
  }

  private static void flipBoth(CodeBuilder code, TypeKind kind) {
    flip(code, kind);
    int second = code.allocateLocal(kind);
    code.storeLocal(kind, second);
    flip(code, kind);
    code.loadLocal(kind, second);
  }

  static void call(
      CodeBuilder code, ClassDesc owner, String name, TypeKind result, TypeKind... arguments) {
    ClassDesc[] types = new ClassDesc[arguments.length];
    for (int i = 0; i < types.length; i++) {
      types[i] = NodePrinter.Names.of(arguments[i]);
    }
    code.invokestatic(owner, name, MethodTypeDesc.of(NodePrinter.Names.of(result), types));
  }
}
