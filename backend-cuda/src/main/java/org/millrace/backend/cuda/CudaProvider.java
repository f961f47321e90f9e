package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.millrace.device.Device;
import org.millrace.device.DeviceProvider;

/**
 * NVIDIA's GPUs, as {@code CUDA}, in the driver's order: {@code CUDA_VISIBLE_DEVICES} is obeyed by
 * the driver.
 */
public final class CudaProvider implements DeviceProvider {
  /** What {@code .target sm_50} runs on: Maxwell. */
  private static final int LOWEST_MAJOR = 5;

  private final Supplier<CudaInstallation> installation;
  private Discovery discovery;

  /** Looks for the driver of the machine. */
  public CudaProvider() {
    this(CudaInstallation::ofMachine);
  }

  /** Takes another driver. */
  CudaProvider(Supplier<CudaInstallation> installation) {
    this.installation = installation;
  }

  @Override
  public String type() {
    return "CUDA";
  }

  @Override
  public int priority() {
    return 210;
  }

  @Override
  public synchronized Discovery discover() {
    if (discovery == null) {
      List<Device> devices = new ArrayList<>();
      List<String> reasons = new ArrayList<>();
      List<String> notes = new ArrayList<>();
      try {
        CudaInstallation found = installation.get();
        reasons.addAll(found.reasons());
        notes.addAll(found.notes());
        found.driver().ifPresent(driver -> look(driver, found, devices, reasons));
      } catch (Throwable e) {
        reasons.add("CUDA could not be used: " + e);
      }
      discovery = new Discovery(devices, reasons, notes);
    }
    return discovery;
  }

  private static void look(
      CudaDriver driver, CudaInstallation found, List<Device> devices, List<String> reasons) {
    int version = driver.version();
    int count = driver.deviceCount();
    if (count == 0) {
      reasons.add("the NVIDIA driver shows no GPU" + visible());
    }
    for (int number = 0; number < count; number++) {
      CudaDriver.Properties properties = driver.properties(number);
      if (properties.major() < LOWEST_MAJOR) {
        reasons.add(
            "CUDA device %d, %s, has compute capability %d.%d, %d.0 is needed"
                .formatted(
                    number,
                    properties.name(),
                    properties.major(),
                    properties.minor(),
                    LOWEST_MAJOR));
      } else {
        devices.add(
            new CudaDevice(driver, found.blas(), devices.size(), number, properties, version));
      }
    }
  }

  private static String visible() {
    String visible = System.getenv("CUDA_VISIBLE_DEVICES");
    return visible == null ? "" : "; CUDA_VISIBLE_DEVICES is \"" + visible + "\"";
  }
}
