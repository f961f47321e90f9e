package org.millrace.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import org.millrace.tensor.DType;

/** Conversions as bytecode: the value is on the stack, the result takes its place. */
final class CastCode {
  private static final ClassDesc NUMBERS = ScalarCode.NUMBERS;
  private static final ClassDesc FLOAT = NodePrinter.Names.of(Float.class);
  private static final ClassDesc DOUBLE = NodePrinter.Names.of(Double.class);

  private CastCode() {}

  /** As {@link org.millrace.kernel.Expr.Cast} says; the types differ. */
  static void cast(CodeBuilder code, DType from, DType to) {
    if (to == DType.BOOL) {
      toBool(code, Node.kind(from));
    } else if (from.isFloating()) {
      if (to.isFloating()) {
        floatingToFloating(code, from, to);
      } else {
        floatingToInteger(code, from, to);
      }
    } else if (to.isFloating()) {
      integerToFloating(code, from, to);
    } else {
      integerToInteger(code, from, to);
    }
  }

  private static void toBool(CodeBuilder code, TypeKind kind) {
    switch (kind) {
      case FLOAT -> code.fconst_0().fcmpl();
      case DOUBLE -> code.dconst_0().dcmpl();
      case LONG -> code.lconst_0().lcmp();
      default -> {}
    }
    Label zero = code.newLabel();
    Label end = code.newLabel();
    code.ifeq(zero);
    code.iconst_1().goto_(end);
    code.labelBinding(zero);
    code.iconst_0();
    code.labelBinding(end);
  }

  private static void floatingToFloating(CodeBuilder code, DType from, DType to) {
    if (from == DType.FLOAT64) {
      code.d2f();
    }
    if (to == DType.FLOAT64) {
      code.f2d();
    } else {
      ScalarCode.wrap(code, to);
    }
  }

  private static void floatingToInteger(CodeBuilder code, DType from, DType to) {
    boolean isDouble = from == DType.FLOAT64;
    switch (to) {
      case INT8, INT16, INT32, UINT8, UINT16 -> {
        if (isDouble) {
          code.d2i();
        } else {
          code.f2i();
        }
        switch (to) {
          case INT8 -> ScalarCode.call(code, NUMBERS, "toInt8", TypeKind.INT, TypeKind.INT);
          case INT16 -> ScalarCode.call(code, NUMBERS, "toInt16", TypeKind.INT, TypeKind.INT);
          case UINT8 -> ScalarCode.call(code, NUMBERS, "toUint8", TypeKind.INT, TypeKind.INT);
          case UINT16 -> ScalarCode.call(code, NUMBERS, "toUint16", TypeKind.INT, TypeKind.INT);
          default -> {}
        }
      }
      case INT64 -> {
        if (isDouble) {
          code.d2l();
        } else {
          code.f2l();
        }
      }
      case UINT32, UINT64 -> {
        if (!isDouble) {
          code.f2d();
        }
        boolean isLong = to == DType.UINT64;
        ScalarCode.call(
            code,
            NUMBERS,
            isLong ? "toUint64" : "toUint32",
            isLong ? TypeKind.LONG : TypeKind.INT,
            TypeKind.DOUBLE);
      }
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, BOOL, STRING ->
          throw new IllegalArgumentException(to + " is no integer type");
    }
  }

  private static void integerToFloating(CodeBuilder code, DType from, DType to) {
    boolean isDouble = to == DType.FLOAT64;
    if (from == DType.UINT64) {
      TypeKind kind = isDouble ? TypeKind.DOUBLE : TypeKind.FLOAT;
      String name = isDouble ? "uint64ToDouble" : "uint64ToFloat";
      ScalarCode.call(code, NUMBERS, name, kind, TypeKind.LONG);
    } else if (from == DType.INT64 || from == DType.UINT32) {
      if (from == DType.UINT32) {
        ScalarCode.call(code, NUMBERS, "widenUint32", TypeKind.LONG, TypeKind.INT);
      }
      if (isDouble) {
        code.l2d();
      } else {
        code.l2f();
      }
    } else if (isDouble) {
      code.i2d();
    } else {
      code.i2f();
    }
    ScalarCode.wrap(code, to);
  }

  private static void integerToInteger(CodeBuilder code, DType from, DType to) {
    boolean fromLong = Node.kind(from) == TypeKind.LONG;
    boolean toLong = Node.kind(to) == TypeKind.LONG;
    if (fromLong && !toLong) {
      code.l2i();
    } else if (!fromLong && toLong) {
      if (from == DType.UINT32) {
        ScalarCode.call(code, NUMBERS, "widenUint32", TypeKind.LONG, TypeKind.INT);
      } else {
        code.i2l();
      }
    }
    ScalarCode.wrap(code, to);
  }

  /** The bits of a value read as another type of the same width. */
  static void bitcast(CodeBuilder code, DType from, DType to) {
    switch (from) {
      case FLOAT16 -> ScalarCode.call(code, NUMBERS, "float16Bits", TypeKind.INT, TypeKind.FLOAT);
      case BFLOAT16 -> ScalarCode.call(code, NUMBERS, "bfloat16Bits", TypeKind.INT, TypeKind.FLOAT);
      case FLOAT32 ->
          ScalarCode.call(code, FLOAT, "floatToRawIntBits", TypeKind.INT, TypeKind.FLOAT);
      case FLOAT64 ->
          ScalarCode.call(code, DOUBLE, "doubleToRawLongBits", TypeKind.LONG, TypeKind.DOUBLE);
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL -> {}
      case STRING -> throw new IllegalArgumentException("kernels have no strings");
    }
    switch (to) {
      case FLOAT16 ->
          ScalarCode.call(code, NUMBERS, "fromFloat16Bits", TypeKind.FLOAT, TypeKind.INT);
      case BFLOAT16 ->
          ScalarCode.call(code, NUMBERS, "fromBfloat16Bits", TypeKind.FLOAT, TypeKind.INT);
      case FLOAT32 -> ScalarCode.call(code, FLOAT, "intBitsToFloat", TypeKind.FLOAT, TypeKind.INT);
      case FLOAT64 ->
          ScalarCode.call(code, DOUBLE, "longBitsToDouble", TypeKind.DOUBLE, TypeKind.LONG);
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL ->
          ScalarCode.wrap(code, to);
      case STRING -> throw new IllegalArgumentException("kernels have no strings");
    }
  }
}
