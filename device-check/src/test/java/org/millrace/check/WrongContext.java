package org.millrace.check;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.millrace.check.WrongProvider.Flaw;
import org.millrace.device.Buffer;
import org.millrace.device.CompiledKernel;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceFault;
import org.millrace.device.DeviceStatistics;
import org.millrace.device.Event;
import org.millrace.device.Launch;
import org.millrace.device.Region;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Rewriter;
import org.millrace.kernel.UnaryOp;

/** A context that does what another does, but for a flaw. */
record WrongContext(Device device, Flaw flaw, DeviceContext right) implements DeviceContext {
  /** Without the minus of floating-point numbers; those of integers may be in indices. */
  private static final class WithoutMinus extends Rewriter {
    @Override
    protected Expr transform(Expr rebuilt) {
      return rebuilt instanceof Expr.Unary(UnaryOp op, Expr x)
              && op == UnaryOp.NEG
              && x.type().isFloating()
          ? x
          : rebuilt;
    }
  }

  @Override
  public CompiledKernel compile(Kernel structure) {
    return right.compile(flaw == Flaw.NO_MINUS ? new WithoutMinus().rewrite(structure) : structure);
  }

  @Override
  public Event copy(Buffer source, Buffer target) {
    long lost = flaw == Flaw.SHORT_COPIES ? 1 : 0;
    return right.copy(
        source.slice(0, source.bytes() - lost), target.slice(0, target.bytes() - lost));
  }

  @Override
  public Region allocate(long bytes) {
    return right.allocate(bytes);
  }

  @Override
  public void free(Region region) {
    right.free(region);
  }

  @Override
  public Event upload(MemorySegment source, Buffer target) {
    return right.upload(source, target);
  }

  @Override
  public Event download(Buffer source, MemorySegment target) {
    return right.download(source, target);
  }

  @Override
  public Launch bind(CompiledKernel kernel, List<Buffer> operands, long[] sizes) {
    return right.bind(kernel, operands, sizes);
  }

  @Override
  public Optional<Launch> bind(Gemm gemm, Optional<Kernel> tail, List<Buffer> operands) {
    return right.bind(gemm, tail, operands);
  }

  @Override
  public void release(Launch launch) {
    right.release(launch);
  }

  @Override
  public Event submit(Launch[] launches) {
    return right.submit(launches);
  }

  @Override
  public void waitFor(Event event) {
    right.waitFor(event);
  }

  @Override
  public Optional<DeviceFault> synchronize() {
    return right.synchronize();
  }

  @Override
  public DeviceStatistics statistics() {
    return right.statistics();
  }

  @Override
  public void close() {
    right.close();
  }
}
