package org.millrace.session;

import java.util.List;
import java.util.ServiceLoader;
import org.millrace.device.Device;
import org.millrace.device.DeviceProvider;
import org.millrace.plan.DeviceTable;

/** The devices of this machine. */
public final class Devices {
  private Devices() {}

  private static final class Installed {
    static final List<DeviceProvider> PROVIDERS =
        ServiceLoader.load(DeviceProvider.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  /** The backends on the class path; loading them touches no native library. */
  static List<DeviceProvider> providers() {
    return Installed.PROVIDERS;
  }

  /** Every device that was found, those of the backends of highest priority first. */
  public static List<Device> all() {
    return table(SessionConfig.defaults()).all();
  }

  /** The devices that answer to {@code GPU} in a session with these options, by number. */
  public static List<Device> gpus(SessionConfig config) {
    return table(config).gpus();
  }

  private static DeviceTable table(SessionConfig config) {
    return new DeviceTable(providers(), config.openClCpuAsGpu(), config.visibleDevices());
  }

  /**
   * What was found and what was not: for each backend its devices, or the reason why there are none
   * and what to install.
   */
  public static String explain() {
    return explain(SessionConfig.defaults());
  }

  /** As {@link #explain()}, with the {@code GPU} numbers that {@code config} leads to. */
  public static String explain(SessionConfig config) {
    DeviceTable table = table(config);
    List<Device> gpus = table.gpus();
    StringBuilder text = new StringBuilder();
    if (providers().isEmpty()) {
      text.append("No backend on the class path: add millrace-backend-cpu.\n");
    }
    table
        .discoveries()
        .forEach(
            (type, found) -> {
              text.append(type).append('\n');
              for (Device device : found.devices()) {
                text.append("  /device:").append(type).append(':').append(device.ordinal());
                if (gpus.contains(device)) {
                  text.append("  = /device:GPU:").append(gpus.indexOf(device));
                }
                text.append("  ").append(device.description());
                gpus.stream()
                    .filter(gpu -> gpu != device && isSameCard(gpu, device))
                    .forEach(gpu -> text.append(", the card of GPU:").append(gpus.indexOf(gpu)));
                text.append(
                    ", %.1f GiB%n"
                        .formatted(device.capabilities().memoryBytes() / (double) (1L << 30)));
              }
              found.notes().forEach(note -> text.append("  note: ").append(note).append('\n'));
              found
                  .reasons()
                  .forEach(reason -> text.append("  missing: ").append(reason).append('\n'));
            });
    return text.toString();
  }

  private static boolean isSameCard(Device a, Device b) {
    return a.busAddress().isPresent() && a.busAddress().equals(b.busAddress());
  }
}
