package org.millrace.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.millrace.device.Device;
import org.millrace.device.DeviceProvider;
import org.millrace.device.DeviceSpec;

/**
 * The devices that a session may use, with the names under which nodes ask for them.
 *
 * <p>Every device has a name of its concrete type, {@code /device:OPENCL:0}. Accelerators also have
 * a {@code GPU} number, counted over all providers by priority, CUDA first; a card that several
 * backends show is counted as the first shows it, and an OpenCL device made of the host's
 * processors is an accelerator only if asked to count as one.
 *
 * <p>A backend is asked for its devices when a request may mean one of them, and not before.
 */
public final class DeviceTable {
  private static final String LOCAL = "/job:localhost/replica:0/task:0";
  private static final String CPU = "CPU";
  private static final String GPU = "GPU";

  private final List<DeviceProvider> providers;
  private final boolean cpuAsGpu;
  private final List<DeviceSpec> visible;
  private final Map<DeviceProvider, DeviceProvider.Discovery> found = new HashMap<>();

  /** The devices found so far; a device keeps its number. */
  private final List<Device> devices = new ArrayList<>();

  /**
   * A table over what {@code providers} will find.
   *
   * @param cpuAsGpu whether accelerator interfaces to the host's processors count as GPUs
   * @param visible device strings of the accelerators that may be used, in the order of their GPU
   *     numbers; empty for all
   */
  public DeviceTable(List<DeviceProvider> providers, boolean cpuAsGpu, List<String> visible) {
    this.providers =
        providers.stream()
            .sorted(Comparator.comparingInt(DeviceProvider::priority).reversed())
            .toList();
    this.cpuAsGpu = cpuAsGpu;
    this.visible = visible.stream().map(DeviceSpec::parse).toList();
  }

  /** The full name of a device, by its concrete type. */
  public static String nameOf(Device device) {
    return LOCAL + "/device:" + device.type() + ":" + device.ordinal();
  }

  /** The device of a number that {@link Placement} gave. */
  public synchronized Device device(int number) {
    return devices.get(number);
  }

  /** The number of a device of this table. */
  synchronized int number(Device device) {
    return devices.indexOf(device);
  }

  /**
   * The devices that a request may mean, in order of preference: if it names no type, those of
   * CUDA, then the CPU, and others only where these have not the number that it asks for.
   */
  synchronized List<Device> matching(DeviceSpec spec) {
    boolean local =
        spec.job().map("localhost"::equals).orElse(true)
            && spec.replica().orElse(0) == 0
            && spec.task().orElse(0) == 0;
    if (!local) {
      return List.of();
    }
    if (spec.type().isEmpty()) {
      List<Device> usual = new ArrayList<>(ofType("CUDA"));
      usual.addAll(ofType(CPU));
      usual = withIndexOf(spec, usual);
      return usual.isEmpty() ? withIndexOf(spec, all()) : usual;
    }
    if (!spec.type().get().equals(GPU)) {
      return withIndexOf(spec, ofType(spec.type().get()));
    }
    return spec.index().isEmpty()
        ? gpus()
        : gpus().stream().skip(spec.index().getAsInt()).limit(1).toList();
  }

  /** Those of {@code devices} that have the number in {@code spec}, if it has one. */
  private static List<Device> withIndexOf(DeviceSpec spec, List<Device> devices) {
    return devices.stream()
        .filter(device -> spec.index().isEmpty() || spec.index().getAsInt() == device.ordinal())
        .toList();
  }

  /** The devices of one concrete type. */
  synchronized List<Device> ofType(String type) {
    List<Device> result = new ArrayList<>();
    for (DeviceProvider provider : providers) {
      if (provider.type().equals(type)) {
        result.addAll(discover(provider).devices());
      }
    }
    return seen(result);
  }

  /** The devices that count as GPUs, by number; a card with several backends counts once. */
  public synchronized List<Device> gpus() {
    List<Device> gpus = new ArrayList<>();
    Set<String> cards = new HashSet<>();
    for (Device device : all()) {
      Device.Capabilities can = device.capabilities();
      boolean counts = can.accelerator() || (can.cpu() && cpuAsGpu);
      if (!device.type().equals(CPU)
          && counts
          && device.busAddress().map(cards::add).orElse(true)) {
        gpus.add(device);
      }
    }
    return gpus;
  }

  /** All devices, those of the providers of highest priority first. */
  public synchronized List<Device> all() {
    List<Device> result = new ArrayList<>();
    for (DeviceProvider provider : providers) {
      result.addAll(discover(provider).devices());
    }
    return seen(result);
  }

  /**
   * The CPU, and those of {@code devices} that may be used, in the order in which they were named.
   */
  private List<Device> seen(List<Device> devices) {
    if (visible.isEmpty()) {
      return devices;
    }
    List<Device> result = new ArrayList<>();
    for (DeviceSpec spec : visible) {
      devices.stream()
          .filter(device -> device.type().equals(spec.type().orElseThrow()))
          .filter(device -> spec.index().isEmpty() || spec.index().getAsInt() == device.ordinal())
          .filter(device -> !result.contains(device))
          .forEach(result::add);
    }
    devices.stream()
        .filter(device -> device.type().equals(CPU) && !result.contains(device))
        .forEach(result::add);
    return result;
  }

  /** The host's own device, on which everything can run. */
  synchronized Optional<Device> cpu() {
    return ofType(CPU).stream().findFirst();
  }

  /** What was found by type, and why the rest is missing. */
  public synchronized Map<String, DeviceProvider.Discovery> discoveries() {
    Map<String, DeviceProvider.Discovery> result = new java.util.LinkedHashMap<>();
    providers.forEach(provider -> result.put(provider.type(), discover(provider)));
    return result;
  }

  /** The names of all devices, and their GPU numbers, as error texts list them. */
  String available() {
    List<Device> gpus = gpus();
    return all().stream()
        .map(
            device ->
                nameOf(device)
                    + (gpus.contains(device) ? " (GPU:" + gpus.indexOf(device) + ")" : ""))
        .sorted()
        .collect(Collectors.joining(", ", "[ ", " ]"));
  }

  /** Why what was asked for is missing. */
  String reasons(DeviceSpec request) {
    List<String> reasons = new ArrayList<>();
    discoveries()
        .forEach(
            (type, found) ->
                found.reasons().forEach(reason -> reasons.add(type + ": " + reason + ".")));
    String asked = request.type().orElse("");
    boolean known =
        asked.isEmpty()
            || asked.equals(GPU)
            || providers.stream().anyMatch(provider -> provider.type().equals(asked));
    if (!known) {
      reasons.add("There is no backend for devices of type " + asked + " on the class path.");
    }
    if (!visible.isEmpty()) {
      reasons.add("The session sees only " + visible + " and the CPU.");
    }
    all().stream()
        .filter(_ -> asked.equals(GPU))
        .filter(device -> device.capabilities().cpu() && !cpuAsGpu && !device.type().equals(CPU))
        .forEach(
            device ->
                reasons.add(
                    nameOf(device)
                        + " is made of the host's processors and counts as a GPU only with"
                        + " MILLRACE_OPENCL_CPU_AS_GPU=true."));
    return String.join(" ", reasons);
  }

  private DeviceProvider.Discovery discover(DeviceProvider provider) {
    DeviceProvider.Discovery known = found.get(provider);
    if (known == null) {
      known = provider.discover();
      found.put(provider, known);
      devices.addAll(known.devices());
    }
    return known;
  }
}
