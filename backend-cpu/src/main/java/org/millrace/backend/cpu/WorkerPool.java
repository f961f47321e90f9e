package org.millrace.backend.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that share the chunks of one task at a time with the thread that asks.
 *
 * <p>Threads start with the first task that has more than one chunk and end with {@link #close()}.
 * An idle one spins for some microseconds, then parks. A task that is run while another is under
 * way is run by its own caller alone: nobody waits, and a task may run another.
 */
final class WorkerPool implements AutoCloseable {
  private static final long SPIN_NANOS = 20_000;
  private static final long CHUNK_MASK = 0xFFFFFFFFL;
  private static final AtomicInteger POOLS = new AtomicInteger();

  /** Work in numbered chunks that may run in any order and at the same time. */
  interface Task {
    /** Runs one chunk. */
    void run(int chunk);
  }

  private final int threads;
  private final AtomicBoolean busy = new AtomicBoolean();

  /**
   * The number of the task in the upper half and how many of its chunks nobody has taken in the
   * lower. Taking a chunk succeeds only while both are as they were read, so the task and its size,
   * read in between, belong to it.
   */
  private final AtomicLong state = new AtomicLong();

  private final AtomicInteger unfinished = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile Task task;
  private volatile int chunks;
  private volatile Thread waiting;
  private volatile boolean closed;
  private Worker[] workers;

  private final Condition finished = () -> unfinished.get() == 0;
  private final Condition workOrEnd = this::hasWorkOrEnds;

  /**
   * @param threads how many threads compute, the caller's among them
   */
  WorkerPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("a pool needs a thread, got " + threads);
    }
    this.threads = threads;
  }

  int threads() {
    return threads;
  }

  /**
   * Runs all chunks of a task and returns when they are done. If one throws, chunks that have not
   * begun are left out and the first exception is thrown here.
   */
  void run(Task task, int chunks) {
    if (chunks < 2 || threads == 1 || !busy.compareAndSet(false, true)) {
      runAlone(task, chunks);
      return;
    }
    try {
      if (closed) {
        runAlone(task, chunks);
      } else {
        share(task, chunks);
      }
    } finally {
      busy.set(false);
    }
  }

  private static void runAlone(Task task, int chunks) {
    for (int chunk = 0; chunk < chunks; chunk++) {
      task.run(chunk);
    }
  }

  private void share(Task task, int chunks) {
    this.task = task;
    this.chunks = chunks;
    unfinished.set(chunks);
    state.set((((state.get() >>> 32) + 1) << 32) | chunks);
    wake(Math.min(chunks, threads) - 1);
    takeChunks();
    awaitOthers();
    this.task = null;
    Throwable thrown = failure.getAndSet(null);
    if (thrown instanceof Error error) {
      throw error;
    } else if (thrown != null) {
      throw (RuntimeException) thrown;
    }
  }

  private void wake(int count) {
    if (workers == null) {
      start();
    }
    for (int k = 0; k < count; k++) {
      if (workers[k].parked) {
        LockSupport.unpark(workers[k]);
      }
    }
  }

  private void start() {
    int pool = POOLS.incrementAndGet();
    Worker[] started = new Worker[threads - 1];
    for (int k = 0; k < started.length; k++) {
      started[k] = new Worker("millrace-cpu-" + pool + "-" + (k + 1));
    }
    workers = started;
    for (Worker worker : started) {
      worker.start();
    }
  }

  private void takeChunks() {
    while (true) {
      long seen = state.get();
      int left = (int) (seen & CHUNK_MASK);
      if (left == 0) {
        return;
      }
      Task current = task;
      int chunk = chunks - left;
      if (state.compareAndSet(seen, seen - 1)) {
        runChunk(current, chunk);
      }
    }
  }

  private void runChunk(Task current, int chunk) {
    try {
      if (failure.get() == null) {
        current.run(chunk);
      }
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    }
    if (unfinished.decrementAndGet() == 0) {
      Thread waiter = waiting;
      if (waiter != null) {
        LockSupport.unpark(waiter);
      }
    }
  }

  private void awaitOthers() {
    if (spin(finished)) {
      return;
    }
    boolean interrupted = false;
    waiting = Thread.currentThread();
    while (unfinished.get() != 0) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    waiting = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean hasWorkOrEnds() {
    return closed || (state.get() & CHUNK_MASK) != 0;
  }

  /** A condition that another thread makes true. */
  private interface Condition {
    boolean holds();
  }

  private static boolean spin(Condition condition) {
    if (condition.holds()) {
      return true;
    }
    long start = System.nanoTime();
    do {
      for (int k = 0; k < 32; k++) {
        if (condition.holds()) {
          return true;
        }
        Thread.onSpinWait();
      }
    } while (System.nanoTime() - start < SPIN_NANOS);
    return false;
  }

  private final class Worker extends Thread {
    private volatile boolean parked;

    Worker(String name) {
      super(name);
      setDaemon(true);
    }

    @Override
    public void run() {
      while (true) {
        takeChunks();
        if (!spin(workOrEnd)) {
          parked = true;
          while (!workOrEnd.holds()) {
            LockSupport.park(WorkerPool.this);
          }
          parked = false;
        }
        if (closed) {
          takeChunks();
          return;
        }
      }
    }
  }

  /** Ends the threads and waits for them. Tasks that are run later run on their caller alone. */
  @Override
  public void close() {
    while (!busy.compareAndSet(false, true)) {
      Thread.onSpinWait();
    }
    closed = true;
    Worker[] ended = workers;
    workers = null;
    busy.set(false);
    if (ended == null) {
      return;
    }
    boolean interrupted = false;
    for (Worker worker : ended) {
      LockSupport.unpark(worker);
      while (worker.isAlive() && worker != Thread.currentThread()) {
        try {
          worker.join();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
