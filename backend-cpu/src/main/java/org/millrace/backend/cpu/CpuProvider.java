package org.millrace.backend.cpu;

import java.util.List;
import org.millrace.device.DeviceProvider;

/** The processors of this machine, as the one device {@code CPU:0}. */
public final class CpuProvider implements DeviceProvider {
  private Discovery discovery;

  /** For {@link java.util.ServiceLoader}. */
  public CpuProvider() {}

  @Override
  public String type() {
    return CpuDevice.TYPE;
  }

  @Override
  public int priority() {
    return 70;
  }

  @Override
  public synchronized Discovery discover() {
    if (discovery == null) {
      discovery = new Discovery(List.of(new CpuDevice()), List.of(), ProductLibrary.notes());
    }
    return discovery;
  }
}
