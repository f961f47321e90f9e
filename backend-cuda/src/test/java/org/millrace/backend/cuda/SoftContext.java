package org.millrace.backend.cuda;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The primary context of a software device: its streams, what else is alive in it, its end. */
final class SoftContext implements CudaDriver.Context {
  /** What belongs to a context. */
  abstract static sealed class Member {
    final SoftContext context;
    boolean destroyed;

    Member(SoftContext context) {
      this.context = context;
    }
  }

  /** A stream: work that is waiting for a reason to be done. */
  static final class Stream extends Member implements CudaDriver.Stream {
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private long done;

    Stream(SoftContext context) {
      super(context);
    }

    void add(Runnable work) {
      waiting.add(work);
    }

    /** The point after all that is in it. */
    long end() {
      return done + waiting.size();
    }

    /**
     * Does what is in it before {@code point}.
     *
     * @throws GpuFault which also ends the context
     */
    void runTo(long point) {
      while (done < point && context.fault == null) {
        try {
          waiting.element().run();
        } catch (GpuFault fault) {
          context.fault = fault;
          throw fault;
        }
        waiting.remove();
        done++;
      }
    }
  }

  /** A point of a stream. */
  static final class Mark {
    final Stream stream;
    final long point;
    long nanos;
    boolean passed;

    Mark(Stream stream) {
      this.stream = stream;
      this.point = stream.end() + 1;
      stream.add(this::pass);
    }

    private void pass() {
      nanos = System.nanoTime();
      passed = true;
    }
  }

  /** An event: the mark that was recorded last. */
  static final class Event extends Member implements CudaDriver.Event {
    final boolean timing;
    Mark mark;

    Event(SoftContext context, boolean timing) {
      super(context);
      this.timing = timing;
    }
  }

  /** Code. */
  static final class Module extends Member implements CudaDriver.Module {
    final Map<String, SoftKernel> kernels;

    Module(SoftContext context, Map<String, SoftKernel> kernels) {
      super(context);
      this.kernels = kernels;
    }
  }

  final SoftDevice device;
  final Set<SoftContext> peers = new HashSet<>();
  private final List<Stream> streams = new ArrayList<>();
  final Set<Member> members = new HashSet<>();
  GpuFault fault;
  boolean released;

  SoftContext(SoftDevice device) {
    this.device = device;
  }

  /** Adds a new member, so that it is missed when it stays. */
  <T extends Member> T add(T member) {
    members.add(member);
    if (member instanceof Stream stream) {
      streams.add(stream);
    }
    return member;
  }

  /** Ends a member; the work of a stream stays. */
  void remove(Member member) {
    member.destroyed = true;
    members.remove(member);
  }

  /** Does all work, that of the youngest stream first. */
  void finish() {
    for (Stream stream : streams.reversed()) {
      stream.runTo(stream.end());
    }
    streams.removeIf(stream -> stream.destroyed);
  }

  /** The allocation that the bytes lie in and that kernels may touch, or null. */
  SoftAllocation reach(long address, long bytes) {
    SoftAllocation own = device.memory.find(address, bytes);
    if (own != null) {
      return own;
    }
    for (SoftContext peer : peers) {
      SoftAllocation other = peer.device.memory.find(address, bytes);
      if (other != null) {
        return other;
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return "the context of device " + device.number;
  }
}
