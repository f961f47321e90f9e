package org.millrace.backend.cuda;

import jcuda.driver.CUdeviceptr;

/** An address of device memory as JCuda takes and gives it. */
final class DevicePointer extends CUdeviceptr {
  /** Where JCuda writes an address. */
  DevicePointer() {}

  DevicePointer(long address) {
    super(new CUdeviceptr(), address);
  }

  long address() {
    return getNativePointer() + getByteOffset();
  }
}
