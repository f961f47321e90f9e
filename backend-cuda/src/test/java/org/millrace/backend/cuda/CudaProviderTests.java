package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.millrace.device.Device;
import org.millrace.device.DeviceProvider;
import org.millrace.session.Devices;

class CudaProviderTests {
  private static CudaInstallation withoutDriver() {
    return CudaInstallation.find(List.of("libNoSuchCuda.so.1"), List.of("libNoSuchBlas.so.12"));
  }

  @Test
  void aMissingDriverIsAReasonAndNoException() {
    var discovery = new CudaProvider(CudaProviderTests::withoutDriver).discover();
    assertEquals(List.of(), discovery.devices());
    assertEquals(
        List.of(
            "libNoSuchCuda.so.1 not found: no NVIDIA driver; install the one for your GPU (Debian:"
                + " nvidia-driver)"),
        discovery.reasons());
  }

  /** A library that is there, but is no driver: JCuda's own natives then fail to load. */
  @Test
  void whatJCudaCannotLoadIsAReasonTheFirstTimeAndTheSecond() {
    assumeTrue(
        CudaInstallation.ofMachine().driver().isEmpty(),
        "NOT RUN: this machine has an NVIDIA driver, so that JCuda loads");
    for (int i = 0; i < 2; i++) {
      CudaInstallation found =
          CudaInstallation.find(List.of("libc.so.6"), List.of("libNoSuchBlas.so.12"));
      assertEquals(Optional.empty(), found.driver());
      String reason = String.join("; ", found.reasons());
      assertTrue(reason.startsWith("JCuda cannot be used: "), reason);
      assertTrue(reason.contains("libcuda.so.1: cannot open shared object file"), reason);
    }
  }

  @Test
  void theFirstAnswerIsKept() {
    CudaProvider provider = new CudaProvider(CudaProviderTests::withoutDriver);
    assertSame(provider.discover(), provider.discover());
  }

  @Test
  void anInstallationThatFailsIsAReason() {
    CudaProvider provider =
        new CudaProvider(
            () -> {
              throw new UnsatisfiedLinkError("half a library");
            });
    assertEquals(
        List.of("CUDA could not be used: java.lang.UnsatisfiedLinkError: half a library"),
        provider.discover().reasons());
  }

  @Test
  void devicesAreInTheDriversOrderWithWhatTheDriverSays() {
    List<Device> devices = SoftwareDevices.provider(SoftwareGpu.of(2)).discover().devices();
    assertEquals(2, devices.size());
    assertEquals(1, devices.get(1).ordinal());
    assertEquals(
        "Software GPU, compute capability 9.0, driver of CUDA 12.6", devices.get(1).description());
    assertEquals(Optional.of("0000:01:00.0"), devices.get(1).busAddress());
    assertTrue(devices.get(0).capabilities().accelerator());
    assertEquals(512L << 20, devices.get(0).capabilities().memoryBytes());
  }

  private static CudaProvider of(CudaDriver driver) {
    return new CudaProvider(
        () -> new CudaInstallation(Optional.of(driver), Optional.empty(), List.of(), List.of()));
  }

  @Test
  void aGpuOlderThanTheCodeIsAReasonAndDoesNotCount() {
    SoftwareGpu gpu = SoftwareGpu.of(2);
    CudaDriver old =
        (CudaDriver)
            Proxy.newProxyInstance(
                CudaProviderTests.class.getClassLoader(),
                new Class<?>[] {CudaDriver.class},
                (_, method, arguments) ->
                    method.getName().equals("properties") && arguments[0].equals(0)
                        ? new CudaDriver.Properties(
                            "Tesla K80", 3, 7, 1L << 33, 13, 1, 1, 384, "0000:05:00.0")
                        : method.invoke(gpu, arguments));
    DeviceProvider.Discovery discovery = of(old).discover();
    assertEquals(
        List.of("CUDA device 0, Tesla K80, has compute capability 3.7, 5.0 is needed"),
        discovery.reasons());
    assertEquals(1, discovery.devices().size());
    assertEquals(0, discovery.devices().getFirst().ordinal());
  }

  @Test
  void aDriverWithoutAGpuIsAReason() {
    var discovery = of(SoftwareGpu.of(0)).discover();
    String reason = discovery.reasons().getFirst();
    assertTrue(reason.startsWith("the NVIDIA driver shows no GPU"), reason);
  }

  @Test
  void theProviderIsFoundByTheServiceLoaderBeforeOpenCl() {
    assertTrue(
        ServiceLoader.load(DeviceProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .anyMatch(provider -> provider.type().equals("CUDA") && provider.priority() == 210));
  }

  @Test
  void explainingTheDevicesSaysWhatWasLookedFor() {
    assumeTrue(
        CudaInstallation.ofMachine().driver().isEmpty(),
        "NOT RUN: this machine has an NVIDIA driver");
    String text = Devices.explain();
    assertTrue(
        text.contains(
            "CUDA\n  missing: " + CudaInstallation.ofMachine().reasons().getFirst() + "\n"),
        text);
    assertEquals(text, Devices.explain());
  }
}
