package org.millrace.backend.opencl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lwjgl.opencl.CL;
import org.lwjgl.opencl.CL10;
import org.millrace.codegen.GridProgram;
import org.millrace.device.Device;
import org.millrace.device.DeviceProvider;

/** The devices of every OpenCL platform of the machine, as {@code OPENCL}. */
public final class OpenClProvider implements DeviceProvider {
  private final List<String> libraries;
  private Discovery discovery;

  /** Looks for the loader under its usual names. */
  public OpenClProvider() {
    this(ClLibrary.names());
  }

  /** Looks for the loader under other names. */
  OpenClProvider(List<String> libraries) {
    this.libraries = libraries;
  }

  @Override
  public String type() {
    return "OPENCL";
  }

  @Override
  public int priority() {
    return 200;
  }

  @Override
  public synchronized Discovery discover() {
    if (discovery == null) {
      discovery = look();
    }
    return discovery;
  }

  private Discovery look() {
    List<Device> devices = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    try {
      // A class of its own, so that a missing LWJGL is found here and not where this one is loaded.
      Optional<String> missing = ClLibrary.load(libraries);
      if (missing.isPresent()) {
        reasons.add(missing.get());
      } else {
        lookAtPlatforms(devices, reasons, notes);
      }
    } catch (Throwable e) {
      reasons.add("OpenCL could not be used: " + e);
    }
    return new Discovery(devices, reasons, notes);
  }

  private static void lookAtPlatforms(
      List<Device> devices, List<String> reasons, List<String> notes) {
    List<Long> platforms = ClInfo.platforms();
    if (platforms.isEmpty()) {
      reasons.add("no OpenCL platform: install an ICD such as pocl-opencl-icd");
    }
    for (long platform : platforms) {
      String name = ClInfo.platformText(platform, CL10.CL_PLATFORM_NAME);
      try {
        CL.createPlatformCapabilities(platform);
        notes.add(name + ": " + ClInfo.platformText(platform, CL10.CL_PLATFORM_VERSION));
        List<Long> ids = ClInfo.devices(platform);
        if (ids.isEmpty()) {
          reasons.add("OpenCL platform " + name + " has no devices");
        }
        for (long id : ids) {
          lookAtDevice(id, devices, reasons);
        }
      } catch (RuntimeException e) {
        reasons.add("OpenCL platform " + name + " cannot be used: " + e.getMessage());
      }
    }
  }

  private static void lookAtDevice(long id, List<Device> devices, List<String> reasons) {
    String name = ClInfo.deviceText(id, CL10.CL_DEVICE_NAME);
    long group = ClInfo.deviceNumber(id, CL10.CL_DEVICE_MAX_WORK_GROUP_SIZE);
    long local = ClInfo.deviceNumber(id, CL10.CL_DEVICE_LOCAL_MEM_SIZE);
    if ((int) ClInfo.deviceNumber(id, CL10.CL_DEVICE_AVAILABLE) == 0) {
      reasons.add("OpenCL device " + name + " is not available");
    } else if ((int) ClInfo.deviceNumber(id, CL10.CL_DEVICE_COMPILER_AVAILABLE) == 0) {
      reasons.add("OpenCL device " + name + " has no compiler");
    } else if (group < GridProgram.MAX_GROUP_SIZE || local < GridProgram.MAX_LOCAL_BYTES) {
      reasons.add(
          "OpenCL device %s has work-groups of %d and %d bytes of local memory, %d and %d are needed"
              .formatted(
                  name, group, local, GridProgram.MAX_GROUP_SIZE, GridProgram.MAX_LOCAL_BYTES));
    } else {
      devices.add(OpenClDevice.of(id, devices.size(), name));
    }
  }
}
