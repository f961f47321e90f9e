package org.millrace.device;

import java.util.List;

/**
 * A backend, found by {@link java.util.ServiceLoader}.
 *
 * <p>Loading a provider and asking for its name costs nothing; only {@link #discover} touches
 * native libraries.
 */
public interface DeviceProvider {
  /** The type of its devices as it stands in device strings: {@code CPU}, {@code CUDA}. */
  String type();

  /**
   * Providers of a higher priority come first where a choice is free; CPU 70, OpenCL 200, CUDA 210.
   */
  int priority();

  /**
   * Looks for devices. Never throws, whatever the machine lacks: a native library that cannot be
   * loaded is a reason, not an error. The first answer is kept.
   */
  Discovery discover();

  /**
   * What was found.
   *
   * @param devices the usable devices, by ordinal
   * @param reasons one sentence for each thing that is missing or cannot be used, and what to do
   * @param notes what a user may want to know of what was found (library versions, fall-backs)
   */
  record Discovery(List<Device> devices, List<String> reasons, List<String> notes) {
    public Discovery {
      devices = List.copyOf(devices);
      reasons = List.copyOf(reasons);
      notes = List.copyOf(notes);
    }
  }
}
