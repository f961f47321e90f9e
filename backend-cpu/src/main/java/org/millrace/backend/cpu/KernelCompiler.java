package org.millrace.backend.cpu;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
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
import org.millrace.kernel.Stage;

/** Turns kernel structures into JVM bytecode: each {@link Pass} becomes one method. */
final class KernelCompiler {
  private static final ClassDesc NAME =
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
        parts.add(new PassProgram.Part(pass, define(print(lowered)), lowered.graph().size()));
      }
      return new PassProgram(parts);
    } catch (RuntimeException | LinkageError e) {
      throw new KernelCompileException(
          "no bytecode for this kernel: %s%n%s".formatted(e.getMessage(), structure), e);
    }
  }

  private static byte[] print(LoweredPass lowered) {
    return ClassFile.of()
        .build(
            NAME,
            type ->
                type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
                    .withInterfaceSymbols(NodePrinter.Names.of(PassCode.class))
                    .withMethodBody(
                        INIT_NAME,
                        MTD_void,
                        0,
                        code ->
                            code.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void).return_())
                    .withMethodBody(
                        "run",
                        RUN,
                        ClassFile.ACC_PUBLIC,
                        code -> PassPrinter.print(code, lowered)));
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

  /** A rough number of scalar operations in all. */
  static long work(Kernel structure, long[] sizes) {
    long perElement = 1;
    for (Stage stage : structure.stages()) {
      perElement += product(stage.extents(), sizes);
    }
    return outer(structure, sizes) * perElement;
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
