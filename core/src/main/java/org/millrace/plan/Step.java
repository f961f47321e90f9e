package org.millrace.plan;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.millrace.graph.Operation;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.HostCall;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Program;

/** One step of a plan. Compared by identity where it matters. */
public sealed interface Step {
  /** The number of the device that performs it. */
  int device();

  /** The values it needs. */
  List<Value> reads();

  /** The values it makes. */
  List<Value> writes();

  /** The operations whose work it does. */
  List<Operation> nodes();

  /** A kernel; its sizes are values, not parameters. */
  record Launch(
      int device,
      Kernel kernel,
      List<Value> operands,
      List<FaultSite> faults,
      List<Operation> nodes)
      implements Step {
    public Launch {
      operands = List.copyOf(operands);
      faults = List.copyOf(faults);
      nodes = List.copyOf(nodes);
    }

    @Override
    public List<Value> reads() {
      return operands(Operand.Access.READ);
    }

    @Override
    public List<Value> writes() {
      return operands(Operand.Access.WRITE);
    }

    private List<Value> operands(Operand.Access access) {
      return IntStream.range(0, operands.size())
          .filter(i -> kernel.operands().get(i).access() == access)
          .mapToObj(operands::get)
          .toList();
    }
  }

  /**
   * A matrix product, alone or with a tail.
   *
   * @param tail what is done with each of its elements instead of storing it: a kernel over the
   *     extents of the product's shape, whose operand 0 is the product
   * @param operands a, b and c; with a tail a, b and the tail's operands but the first
   */
  record Multiply(
      int device, Gemm gemm, Optional<Kernel> tail, List<Value> operands, List<Operation> nodes)
      implements Step {
    public Multiply {
      operands = List.copyOf(operands);
      nodes = List.copyOf(nodes);
    }

    /** The tail over the extents (batch, m, n), as {@link Gemm#kernel(Kernel)} takes it. */
    public Optional<Kernel> tailOverMatrices() {
      return tail.map(kernel -> Tails.overMatrices(kernel, gemm));
    }

    @Override
    public List<Value> reads() {
      return operands(Operand.Access.READ);
    }

    @Override
    public List<Value> writes() {
      return operands(Operand.Access.WRITE);
    }

    private List<Value> operands(Operand.Access access) {
      return IntStream.range(0, operands.size())
          .filter(i -> access(i) == access)
          .mapToObj(operands::get)
          .toList();
    }

    private Operand.Access access(int operand) {
      if (operand < 2) {
        return Operand.Access.READ;
      }
      return tail.map(t -> t.operands().get(operand - 1).access()).orElse(Operand.Access.WRITE);
    }
  }

  /** Java code on host arrays. */
  record Host(
      int device, Supplier<HostCall> call, List<Value> reads, List<Value> writes, Operation node)
      implements Step {
    public Host {
      reads = List.copyOf(reads);
      writes = List.copyOf(writes);
    }

    @Override
    public List<Operation> nodes() {
      return List.of(node);
    }
  }

  /** A copy from one device to another. */
  record Copy(Value from, Value to, List<Operation> nodes) implements Step {
    @Override
    public int device() {
      return to.device();
    }

    @Override
    public List<Value> reads() {
      return List.of(from);
    }

    @Override
    public List<Value> writes() {
      return List.of(to);
    }
  }

  /** Whether a variable has a value: it had one before the run, or the run has assigned it. */
  record InitializedFlag(Operation variable, boolean assigned, Value flag, Operation node)
      implements Step {
    @Override
    public int device() {
      return flag.device();
    }

    @Override
    public List<Value> reads() {
      return List.of();
    }

    @Override
    public List<Value> writes() {
      return List.of(flag);
    }

    @Override
    public List<Operation> nodes() {
      return List.of(node);
    }
  }

  /** The delivery of a value to the caller, as result {@code slot}. */
  record Fetch(Value value, int slot, Operation node) implements Step {
    @Override
    public int device() {
      return value.device();
    }

    @Override
    public List<Value> reads() {
      return List.of(value);
    }

    @Override
    public List<Value> writes() {
      return List.of();
    }

    @Override
    public List<Operation> nodes() {
      return List.of(node);
    }
  }

  /** The text of a kernel's fault and the operation that it concerns. */
  record FaultSite(Program.Fault fault, Operation node) {}
}
