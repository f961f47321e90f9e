package org.millrace.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.millrace.codegen.GridGemm;
import org.millrace.codegen.GridPlanner;
import org.millrace.codegen.GridProgram;
import org.millrace.codegen.Operands;
import org.millrace.device.Buffer;
import org.millrace.device.CompiledKernel;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceFault;
import org.millrace.device.DeviceStatistics;
import org.millrace.device.Event;
import org.millrace.device.KernelCompileException;
import org.millrace.device.Launch;
import org.millrace.device.Region;
import org.millrace.device.Regions;
import org.millrace.device.Resources;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;

/** A hold on a device's primary context, with a queue of its own. */
final class CudaContext implements DeviceContext {
  private final CudaDevice device;
  private final CudaDriver driver;
  private final Resources resources;
  private final CudaDriver.Context context;
  private final CudaQueue queue;
  private final CudaFaults faults;
  private final Regions regions;
  private final Map<String, CudaProgram> programs = new ConcurrentHashMap<>();
  private final AtomicLong compilations = new AtomicLong();
  private final Event allDone = new Point(this::finish);
  private final Event uploaded = new Point(this::finishUploads);

  /** Guards all that follows; never held while the host waits, but to make room or to close. */
  private final Object lock = new Object();

  /** The numbers of the devices that were copied from. */
  private final Set<Integer> met = new HashSet<>();

  private CudaBlas.Handle blas;
  private boolean closed;
  private int waiting;
  private int ids;

  private long launches;
  private long uploads;
  private long uploadedBytes;
  private long downloads;
  private long downloadedBytes;

  private CudaContext(CudaDevice device, ContextOptions options, Resources resources) {
    this.device = device;
    this.resources = resources;
    driver = device.driver();
    regions = new Regions(device, options);
    context = driver.retainPrimaryContext(device.number());
    resources.own(context, () -> driver.releasePrimaryContext(device.number()));
    driver.setCurrent(context);
    MemorySegment pinned = driver.allocateHost(CudaFaults.BYTES + CudaStaging.SLAB_BYTES);
    resources.own(pinned, () -> driver.freeHost(pinned));
    queue = new CudaQueue(driver, resources, pinned.asSlice(0, CudaStaging.SLAB_BYTES));
    long record = driver.allocate(CudaFaults.BYTES);
    resources.own("faults", () -> driver.free(record));
    faults = new CudaFaults(record, pinned.asSlice(CudaStaging.SLAB_BYTES));
    queue.clear(faults);
  }

  static CudaContext open(CudaDevice device, ContextOptions options) {
    return Resources.open(resources -> new CudaContext(device, options, resources));
  }

  @Override
  public Device device() {
    return device;
  }

  /** Begins a call: the lock is held. */
  private void enter() {
    requireOpen();
    driver.setCurrent(context);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the context on " + device.description() + " is closed");
    }
  }

  @Override
  public Region allocate(long bytes) {
    synchronized (lock) {
      enter();
      regions.requireRoom(bytes);
      CudaRegion region = new CudaRegion(allocateMemory(Math.max(bytes, 1)), bytes);
      resources.own(region, () -> driver.free(region.address()));
      regions.add(region);
      return region;
    }
  }

  private long allocateMemory(long bytes) {
    try {
      return driver.allocate(bytes);
    } catch (CudaException e) {
      if (e.isOutOfMemory()) {
        throw regions.outOfMemory(
            bytes, "%s, %d are free".formatted(e.getMessage(), driver.freeMemory()));
      }
      throw e;
    }
  }

  @Override
  public void free(Region region) {
    synchronized (lock) {
      enter();
      regions.remove(region);
      queue.finish(); // the next owner of the memory knows nothing of this queue
      resources.release(region);
    }
  }

  @Override
  public Event upload(MemorySegment source, Buffer target) {
    synchronized (lock) {
      enter();
      regions.requireOwn(target);
      requireSameLength(source.byteSize(), target.bytes());
      uploads++;
      uploadedBytes += target.bytes();
      return queue.upload(source, CudaRegion.address(target)) ? uploaded : Event.DONE;
    }
  }

  @Override
  public Event download(Buffer source, MemorySegment target) {
    synchronized (lock) {
      enter();
      regions.requireOwn(source);
      requireSameLength(source.bytes(), target.byteSize());
      downloads++;
      downloadedBytes += source.bytes();
      queue.download(CudaRegion.address(source), target);
      return source.bytes() == 0 ? Event.DONE : allDone;
    }
  }

  @Override
  public Event copy(Buffer source, Buffer target) {
    synchronized (lock) {
      enter();
      regions.requireOwn(source);
      regions.requireOwn(target);
      requireSameLength(source.bytes(), target.bytes());
      if (source.bytes() == 0) {
        return Event.DONE;
      }
      long to = CudaRegion.address(target);
      driver.copy(
          to, CudaRegion.address(source), source.bytes(), queue.compute(to, to + target.bytes()));
      return allDone;
    }
  }

  @Override
  public boolean reaches(DeviceContext other) {
    return other != this && other instanceof CudaContext peer && peer.driver == driver;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Where one device cannot access the other, the driver goes through the host.
   */
  @Override
  public Event copyFrom(DeviceContext other, Buffer source, Buffer target) {
    if (!reaches(other)) {
      return DeviceContext.super.copyFrom(other, source, target);
    }
    CudaContext peer = (CudaContext) other;
    requireSameLength(source.bytes(), target.bytes());
    if (source.bytes() == 0) {
      return Event.DONE;
    }
    CudaDriver.Event ready = peer.readyToCopy(source);
    CudaDriver.Event copied;
    synchronized (lock) {
      enter();
      regions.requireOwn(target);
      meet(peer);
      queue.await(ready);
      long to = CudaRegion.address(target);
      driver.copyPeer(
          to,
          context,
          CudaRegion.address(source),
          peer.context,
          source.bytes(),
          queue.compute(to, to + target.bytes()));
      copied = queue.event();
    }
    peer.waitForCopy(copied);
    return allDone;
  }

  /** Lets the devices copy without the host, if they can. */
  private void meet(CudaContext peer) {
    if (met.add(peer.device.number())
        && driver.canAccessPeer(device.number(), peer.device.number())) {
      driver.enablePeerAccess(peer.context);
    }
  }

  /** The event after which another context may read {@code source}. */
  private CudaDriver.Event readyToCopy(Buffer source) {
    synchronized (lock) {
      enter();
      regions.requireOwn(source);
      return queue.event();
    }
  }

  /** What is submitted from now on waits for another context's copy. */
  private void waitForCopy(CudaDriver.Event copied) {
    synchronized (lock) {
      enter();
      queue.await(copied);
    }
  }

  @Override
  public CompiledKernel compile(Kernel structure) {
    requireOpenNow();
    return programs.computeIfAbsent(
        structure.toString(),
        _ -> load(structure, structure.operands(), GridPlanner.plan(structure)));
  }

  private void requireOpenNow() {
    synchronized (lock) {
      requireOpen();
    }
  }

  /** The driver keeps compiled code on disk itself; only the text is made again. */
  private CudaProgram load(Object structure, List<Operand> operands, GridProgram grid) {
    String source = PtxPrinter.print(grid);
    driver.setCurrent(context);
    CudaDriver.Module module;
    try {
      module = driver.load(source);
    } catch (CudaException e) {
      throw KernelCompileException.of(
          "%s on %s, for the kernel%n%s".formatted(e.getMessage(), device.description(), structure),
          source);
    }
    try {
      CudaDriver.Function function = driver.function(module, PtxPrinter.KERNEL);
      synchronized (lock) {
        requireOpen();
        resources.own(module, () -> driver.unload(module));
      }
      compilations.incrementAndGet();
      return new CudaProgram(this, operands, grid, source, function);
    } catch (RuntimeException e) {
      driver.unload(module);
      throw e;
    }
  }

  @Override
  public Launch bind(CompiledKernel kernel, List<Buffer> operands, long[] sizes) {
    synchronized (lock) {
      enter();
      if (!(kernel instanceof CudaProgram program) || program.context() != this) {
        throw new IllegalArgumentException("the kernel was not compiled by this context");
      }
      Operands.check(program.grid(), program.operands(), operands, sizes, regions);
      return CudaBinder.bind(driver, ids++, program, operands, sizes, faults);
    }
  }

  /** A call of cuBLAS if there is one and no tail, else a grid program; nothing for bools. */
  @Override
  public Optional<Launch> bind(Gemm gemm, Optional<Kernel> tail, List<Buffer> operands) {
    requireOpenNow();
    if (!GridGemm.serves(gemm.type())) {
      return Optional.empty();
    }
    GridGemm.Abstracted abstracted = GridGemm.of(gemm, tail);
    if (tail.isEmpty() && device.callsBlas(gemm)) {
      return Optional.of(product(gemm, abstracted, operands));
    }
    GridGemm structure = abstracted.structure();
    CudaProgram program =
        programs.computeIfAbsent(
            structure.toString(),
            _ -> load(structure, structure.operands(), GridPlanner.plan(structure)));
    return Optional.of(bind(program, operands, abstracted.sizes()));
  }

  private Launch product(Gemm gemm, GridGemm.Abstracted abstracted, List<Buffer> operands) {
    synchronized (lock) {
      enter();
      Operands.check(abstracted.structure().operands(), operands, abstracted.sizes(), regions);
      if (blas == null) {
        blas = device.blas().orElseThrow().open(queue.computing());
        resources.own(blas, blas::close);
      }
      long a = CudaRegion.address(operands.get(0));
      long b = CudaRegion.address(operands.get(1));
      long c = CudaRegion.address(operands.get(2));
      long[] written = {c, c + operands.get(2).bytes()};
      return new CudaLaunch.Product(ids++, this, written, gemm, a, b, c);
    }
  }

  @Override
  public Event submit(Launch[] batch) {
    synchronized (lock) {
      enter();
      for (Launch one : batch) {
        CudaLaunch launch = (CudaLaunch) one;
        if (launch.context() != this) {
          throw new IllegalArgumentException("the launch was bound by another context");
        }
        submit(launch);
      }
      return allDone;
    }
  }

  private void submit(CudaLaunch launch) {
    switch (launch) {
      case CudaLaunch.Kernel kernel -> {
        if (kernel.sequence() >= 0) {
          kernel
              .parameters()
              .set(ValueLayout.JAVA_INT, kernel.sequence(), faults.next(kernel.id()));
        }
        launches++;
        driver.launch(kernel.prepared(), queue.compute(kernel.written()));
      }
      case CudaLaunch.Product product -> {
        launches++;
        queue.compute(product.written());
        blas.multiply(product.gemm(), product.a(), product.b(), product.c());
      }
      case CudaLaunch.Nothing _ -> {}
    }
  }

  @Override
  public void waitFor(Event other) {
    requireOpenNow();
    if (other != allDone && other != uploaded) {
      other.await();
    }
  }

  @Override
  public Optional<DeviceFault> synchronize() {
    while (true) {
      synchronized (lock) {
        enter();
        if (faults.isStale()) {
          queue.fetch(faults);
        }
      }
      finish();
      synchronized (lock) {
        enter();
        if (faults.isStale()) {
          continue; // another run has submitted a launch with checks meanwhile
        }
        Optional<DeviceFault> fault = faults.take();
        if (fault.isPresent()) {
          queue.clear(faults);
        }
        return fault;
      }
    }
  }

  /** Waits for all work; without the lock, so that others may go on submitting. */
  private void finish() {
    CudaDriver.Stream stream;
    long all;
    synchronized (lock) {
      enter();
      stream = queue.gather();
      if (stream == null) {
        return;
      }
      all = queue.submitted();
      waiting++;
    }
    try {
      driver.synchronize(stream);
    } catch (RuntimeException e) {
      synchronized (lock) {
        queue.abandon();
      }
      throw e;
    } finally {
      stopWaiting();
    }
    synchronized (lock) {
      queue.settle(all);
    }
  }

  private void finishUploads() {
    synchronized (lock) {
      enter();
      waiting++;
    }
    try {
      driver.synchronize(queue.uploading());
    } finally {
      stopWaiting();
    }
  }

  private void stopWaiting() {
    synchronized (lock) {
      waiting--;
      lock.notifyAll();
    }
  }

  @Override
  public DeviceStatistics statistics() {
    synchronized (lock) {
      return new DeviceStatistics(
          regions.bytesInUse(),
          regions.peakBytes(),
          regions.allocations(),
          launches,
          uploads,
          uploadedBytes,
          downloads,
          downloadedBytes,
          compilations.get());
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      awaitThoseWhoWait();
      resources.own("what is under way", queue::finish);
      resources.own("the thread", () -> driver.setCurrent(context));
      try {
        resources.releaseAll();
      } finally {
        regions.clear();
      }
    }
  }

  private void awaitThoseWhoWait() {
    boolean interrupted = false;
    while (waiting > 0) {
      try {
        lock.wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void requireSameLength(long source, long target) {
    if (source != target) {
      throw new IllegalArgumentException(
          "a copy of %d bytes to a range of %d bytes".formatted(source, target));
    }
  }

  /** A point in the work of this context. */
  private final class Point implements Event {
    private final Runnable wait;

    Point(Runnable wait) {
      this.wait = wait;
    }

    @Override
    public void await() {
      synchronized (lock) {
        if (closed) {
          return;
        }
      }
      wait.run();
    }
  }
}
