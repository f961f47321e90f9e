package org.millrace.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.device.Buffer;
import org.millrace.device.CompiledKernel;
import org.millrace.device.ContextOptions;
import org.millrace.device.DeviceContext;
import org.millrace.device.KernelCompileException;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

class KernelCacheTests {
  /** {@code y[i] = x[i] + x[i]} on int32 operands; malformed with any other type. */
  private static Kernel.Abstracted twice(long n, DType type) {
    Expr index = new Expr.Index(0);
    List<Expr> extents = List.of(new Expr.Size(n));
    Expr x = new Expr.Load(0, type, List.of(index));
    Expr sum = new Expr.Binary(BinaryOp.ADD, x, x);
    Stage stage = new Stage(List.of(), List.of(), List.of(new Stage.Store(1, List.of(index), sum)));
    Operand in = new Operand(DType.INT32, extents, Operand.Access.READ);
    Operand out = new Operand(DType.INT32, extents, Operand.Access.WRITE);
    return new Kernel(extents, List.of(in, out), List.of(stage)).abstracted();
  }

  @Test
  void contextsOfADeviceShareKernels() {
    CpuDevice device = new CpuDevice();
    try (DeviceContext first = device.open(ContextOptions.defaults());
        DeviceContext second = device.open(ContextOptions.defaults())) {
      CompiledKernel kernel = first.compile(twice(5, DType.INT32).structure());
      assertSame(kernel, second.compile(twice(6, DType.INT32).structure()));
      assertSame(kernel, first.compile(twice(7, DType.INT32).structure()));
      assertEquals(1, first.statistics().compilations());
      assertEquals(0, second.statistics().compilations());
      assertEquals(twice(5, DType.INT32).structure().toString(), kernel.source());
    }
  }

  @Test
  void refusedKernelsAreNotKept() {
    CpuDevice device = new CpuDevice();
    Kernel malformed = twice(5, DType.FLOAT32).structure();
    try (DeviceContext context = device.open(ContextOptions.defaults())) {
      assertThrows(KernelCompileException.class, () -> context.compile(malformed));
      assertThrows(KernelCompileException.class, () -> context.compile(malformed));
      assertEquals(0, context.statistics().compilations());
      assertEquals(0, device.kernels().size());
    }
  }

  @Test
  void bindingChecksBuffersAndSizes() {
    try (DeviceContext context = new CpuDevice().open(ContextOptions.defaults())) {
      Kernel.Abstracted twice = twice(5, DType.INT32);
      CompiledKernel kernel = context.compile(twice.structure());
      Buffer x = new Buffer(context.allocate(20), 0, 20);
      Buffer shorter = x.slice(0, 19);
      long[] sizes = twice.sizes();
      context.bind(kernel, List.of(x, x), sizes);
      refused("needs 20 bytes, got a buffer of 19", context, kernel, List.of(x, shorter), sizes);
      refused("2 operands, got 1 buffers", context, kernel, List.of(x), sizes);
      refused("size number 0, got 0 sizes", context, kernel, List.of(x, x), new long[0]);
      refused("negative extent", context, kernel, List.of(x, x), new long[] {-1});
      refused("another device", context, () -> "", List.of(x, x), sizes);
    }
  }

  private static void refused(
      String reason,
      DeviceContext context,
      CompiledKernel kernel,
      List<Buffer> operands,
      long[] sizes) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> context.bind(kernel, operands, sizes))
            .getMessage();
    assertEquals(true, message.contains(reason), message);
  }
}
