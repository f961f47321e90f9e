package org.millrace.backend.cpu;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;

/** All processors of the machine; owns the kernels that its contexts share. */
final class CpuDevice implements Device {
  static final String TYPE = "CPU";

  /** What buffers are aligned to: a cache line, and the widest vector. */
  static final int ALIGNMENT = 64;

  private final KernelCache kernels = new KernelCache();
  private final Capabilities capabilities;
  private String description;

  CpuDevice() {
    long memory = physicalMemory();
    capabilities = new Capabilities(false, true, true, true, true, true, memory, memory, ALIGNMENT);
  }

  private static long physicalMemory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public int ordinal() {
    return 0;
  }

  @Override
  public synchronized String description() {
    if (description == null) {
      description =
          "%s, %d processors".formatted(model(), Runtime.getRuntime().availableProcessors());
    }
    return description;
  }

  private static String model() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElseGet(CpuDevice::architecture);
    } catch (IOException | RuntimeException _) {
      return architecture(); // no such file on this operating system
    }
  }

  private static String architecture() {
    return System.getProperty("os.arch");
  }

  @Override
  public Capabilities capabilities() {
    return capabilities;
  }

  @Override
  public DeviceContext open(ContextOptions options) {
    return new CpuContext(this, options);
  }

  /** The compiled kernels of all contexts. */
  KernelCache kernels() {
    return kernels;
  }

  @Override
  public String toString() {
    return TYPE + ":0 (" + description() + ")";
  }
}
