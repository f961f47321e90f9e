package org.millrace.backend.cpu;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import org.millrace.device.KernelCompileException;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.KernelValidator;

/** Turns kernel structures into JVM bytecode: each {@link Pass} becomes one method. */
final class KernelCompiler {
  /**
   * Methods of more bytes than this stay in the interpreter ({@code -XX:-DontCompileHugeMethods}).
   */
  private static final int MOST_BYTES = 8000;

  /** As many nodes take fewer bytes than that for certain. */
  private static final int FEW_NODES = 700;

  /** How large parts of a large pass are at least, tried until no method has too many bytes. */
  private static final List<Integer> LEAST_NODES_OF_PARTS =
      List.of(Integer.MAX_VALUE, 300, 100, 30);

  /** What generated classes call themselves. */
  static final ClassDesc NAME =
      ClassDesc.of(KernelCompiler.class.getPackageName(), "GeneratedPass");

  private static final MethodTypeDesc RUN =
      MethodTypeDesc.of(
          CD_void,
          CD_long.arrayType(),
          CD_long.arrayType(),
          CD_long,
          CD_long,
          NodePrinter.Names.of(Reducer.class).arrayType(),
          NodePrinter.Names.of(Faults.class));

  private KernelCompiler() {}

  /**
   * Compiles a structure, {@link Kernel#abstracted()}.
   *
   * @throws KernelCompileException if it is malformed or does not fit into JVM methods
   */
  static LoopKernel compile(Kernel structure) {
    try {
      KernelValidator.check(structure);
      List<PassProgram.Part> parts = new ArrayList<>();
      for (Pass pass : Pass.of(structure)) {
        LoweredPass lowered = PassLowering.lower(pass);
        int nodes = lowered.graph().size();
        parts.add(new PassProgram.Part(pass, define(print(lowered)), nodes));
      }
      return new PassProgram(parts);
    } catch (RuntimeException | LinkageError e) {
      throw new KernelCompileException(
          "no bytecode for this kernel: %s%n%s".formatted(e.getMessage(), structure), e);
    }
  }

  /** The class of a pass, with parts of it in methods of their own if it is large. */
  static byte[] print(LoweredPass lowered) {
    if (lowered.graph().size() <= FEW_NODES) {
      return print(lowered, List.of());
    }
    byte[] best = null;
    IllegalArgumentException refusal = null;
    for (int least : LEAST_NODES_OF_PARTS) {
      LoweredPass anew = PassLowering.lower(lowered.pass());
      try {
        byte[] type = print(anew, Outliner.outline(anew.graph(), least));
        if (best == null || bytesOfCode(type) < bytesOfCode(best)) {
          best = type;
        }
        if (bytesOfCode(best) < MOST_BYTES) {
          return best;
        }
      } catch (IllegalArgumentException e) {
        refusal = e; // beyond the 64 KiB of a method
      }
    }
    if (best == null) {
      throw refusal;
    }
    return best;
  }

  private static byte[] print(LoweredPass lowered, List<Outlined> parts) {
    return ClassFile.of()
        .build(
            NAME,
            type -> {
              type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC);
              type.withInterfaceSymbols(NodePrinter.Names.of(PassCode.class));
              type.withMethodBody(
                  INIT_NAME,
                  MTD_void,
                  0,
                  code -> code.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void).return_());
              type.withMethodBody(
                  "run", RUN, ClassFile.ACC_PUBLIC, code -> PassPrinter.print(code, lowered));
              for (Outlined part : parts) {
                type.withMethodBody(
                    part.name(),
                    NodePrinter.type(part),
                    ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC,
                    code -> NodePrinter.print(code, NAME, part));
              }
            });
  }

  /** The length of the longest method. */
  static int bytesOfCode(byte[] type) {
    return ClassFile.of().parse(type).methods().stream()
        .flatMap(method -> method.findAttribute(Attributes.code()).stream())
        .mapToInt(CodeAttribute::codeLength)
        .max()
        .orElse(0);
  }

  private static PassCode define(byte[] bytes) {
    try {
      MethodHandles.Lookup defined = MethodHandles.lookup().defineHiddenClass(bytes, true);
      MethodType constructor = MethodType.methodType(void.class);
      return (PassCode) defined.findConstructor(defined.lookupClass(), constructor).invoke();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a generated class cannot be made", e);
    }
  }

  /** The number of outer indices. */
  static long outer(Kernel structure, long[] sizes) {
    return product(structure.extents(), sizes);
  }

  /** The product of extents. */
  static long product(List<Expr> extents, long[] sizes) {
    long product = 1;
    for (int i = 0; i < extents.size(); i++) {
      product *= value(extents.get(i), sizes);
    }
    return product;
  }

  private static long value(Expr extent, long[] sizes) {
    return switch (extent) {
      case Expr.Param(int slot) -> sizes[slot];
      case Expr.Size(long value) -> value;
      case Expr.Const e -> e.bits();
      default -> throw new IllegalArgumentException("not an extent: " + extent);
    };
  }
}
