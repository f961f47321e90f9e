package org.millrace.backend.opencl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;

/** Asks OpenCL about its objects. */
final class ClInfo {
  /** CL_DEVICE_PCI_BUS_INFO_KHR: domain, bus, device and function, of 32 bits each. */
  private static final int PCI_BUS_INFO = 0x410F;

  private static final int PCI_BUS_NV = 0x4008;
  private static final int PCI_SLOT_NV = 0x4009;
  private static final int PCI_DOMAIN_NV = 0x400A;

  private interface Query {
    int ask(ByteBuffer value, PointerBuffer size);
  }

  private ClInfo() {}

  /** The platforms; none if there is no driver. */
  static List<Long> platforms() {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var count = stack.mallocInt(1);
      int status = CL10.clGetPlatformIDs(null, count);
      if (status == ClStatus.PLATFORM_NOT_FOUND || (status == 0 && count.get(0) == 0)) {
        return List.of();
      }
      ClStatus.check(status, "clGetPlatformIDs");
      PointerBuffer ids = stack.mallocPointer(count.get(0));
      ClStatus.check(CL10.clGetPlatformIDs(ids, (int[]) null), "clGetPlatformIDs");
      return list(ids);
    }
  }

  /** The devices of a platform. */
  static List<Long> devices(long platform) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var count = stack.mallocInt(1);
      int status = CL10.clGetDeviceIDs(platform, CL10.CL_DEVICE_TYPE_ALL, null, count);
      if (status == CL10.CL_DEVICE_NOT_FOUND || (status == 0 && count.get(0) == 0)) {
        return List.of();
      }
      ClStatus.check(status, "clGetDeviceIDs");
      PointerBuffer ids = stack.mallocPointer(count.get(0));
      status = CL10.clGetDeviceIDs(platform, CL10.CL_DEVICE_TYPE_ALL, ids, (int[]) null);
      ClStatus.check(status, "clGetDeviceIDs");
      return list(ids);
    }
  }

  /** A text about a platform. */
  static String platformText(long platform, int what) {
    return text((value, size) -> CL10.clGetPlatformInfo(platform, what, value, size));
  }

  /** A text about a device. */
  static String deviceText(long device, int what) {
    return text((value, size) -> CL10.clGetDeviceInfo(device, what, value, size));
  }

  /** A number about a device, of 4 or 8 bytes. */
  static long deviceNumber(long device, int what) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      ByteBuffer value = stack.calloc(8);
      ClStatus.check(CL10.clGetDeviceInfo(device, what, value, null), "clGetDeviceInfo");
      return value.getLong(0);
    }
  }

  /**
   * Where a device sits on the PCI bus, as far as one of two extensions tells.
   *
   * <p>Not run on a device that has them so far: the tests have none.
   */
  static Optional<String> busAddress(long device) {
    List<String> extensions = List.of(deviceText(device, CL10.CL_DEVICE_EXTENSIONS).split(" "));
    if (extensions.contains("cl_khr_pci_bus_info")) {
      try (MemoryStack stack = MemoryStack.stackPush()) {
        ByteBuffer value = stack.calloc(4 * Integer.BYTES);
        ClStatus.check(CL10.clGetDeviceInfo(device, PCI_BUS_INFO, value, null), "clGetDeviceInfo");
        return Optional.of(
            busAddress(value.getInt(0), value.getInt(4), value.getInt(8), value.getInt(12)));
      }
    }
    if (extensions.contains("cl_nv_device_attribute_query")) {
      int slot = (int) deviceNumber(device, PCI_SLOT_NV); // five bits of device, three of function
      return Optional.of(
          busAddress(
              (int) deviceNumber(device, PCI_DOMAIN_NV),
              (int) deviceNumber(device, PCI_BUS_NV),
              slot >> 3,
              slot & 7));
    }
    return Optional.empty();
  }

  private static String busAddress(int domain, int bus, int device, int function) {
    return "%04x:%02x:%02x.%x".formatted(domain, bus, device, function);
  }

  /** The log of a build. */
  static String buildLog(long program, long device) {
    return text(
        (value, size) ->
            CL10.clGetProgramBuildInfo(program, device, CL10.CL_PROGRAM_BUILD_LOG, value, size));
  }

  /** The binary of a program that was built for one device. */
  static byte[] binary(long program) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      LongBuffer size = stack.callocLong(1);
      long sizeAt = MemoryUtil.memAddress(size);
      ClStatus.check(
          CL10.nclGetProgramInfo(program, CL10.CL_PROGRAM_BINARY_SIZES, 8, sizeAt, 0),
          "clGetProgramInfo(CL_PROGRAM_BINARY_SIZES)");
      ByteBuffer binary = MemoryUtil.memAlloc(Math.toIntExact(size.get(0)));
      try {
        PointerBuffer pointers = stack.pointers(binary);
        ClStatus.check(
            CL10.nclGetProgramInfo(
                program, CL10.CL_PROGRAM_BINARIES, 8, MemoryUtil.memAddress(pointers), 0),
            "clGetProgramInfo(CL_PROGRAM_BINARIES)");
        byte[] bytes = new byte[binary.remaining()];
        binary.get(bytes);
        return bytes;
      } finally {
        MemoryUtil.memFree(binary);
      }
    }
  }

  private static String text(Query query) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      PointerBuffer size = stack.mallocPointer(1);
      ClStatus.check(query.ask(null, size), "clGetInfo");
      ByteBuffer value = MemoryUtil.memAlloc(Math.toIntExact(size.get(0)) + 1);
      try {
        value.limit(Math.toIntExact(size.get(0)));
        ClStatus.check(query.ask(value, null), "clGetInfo");
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        return new String(bytes, UTF_8).replace("\0", "").strip();
      } finally {
        MemoryUtil.memFree(value);
      }
    }
  }

  private static List<Long> list(PointerBuffer ids) {
    List<Long> list = new ArrayList<>();
    for (int i = 0; i < ids.capacity(); i++) {
      list.add(ids.get(i));
    }
    return list;
  }
}
