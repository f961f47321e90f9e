package org.millrace.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.millrace.device.Device;
import org.millrace.device.DeviceProvider;

class CpuProviderTests {
  @Test
  void theServiceLoaderFindsIt() {
    DeviceProvider provider =
        ServiceLoader.load(DeviceProvider.class).stream()
            .filter(found -> found.type() == CpuProvider.class)
            .findFirst()
            .orElseThrow()
            .get();
    assertEquals("CPU", provider.type());
    assertEquals(70, provider.priority());
    assertSame(provider.discover(), provider.discover());
  }

  @Test
  void thereIsOneDevice() {
    DeviceProvider.Discovery discovery = new CpuProvider().discover();
    assertEquals(List.of(), discovery.reasons());
    assertEquals(1, discovery.devices().size());
    Device device = discovery.devices().getFirst();
    assertEquals("CPU", device.type());
    assertEquals(0, device.ordinal());
    assertTrue(device.description().matches(".+, [0-9]+ processors"), device.description());
    Device.Capabilities capabilities = device.capabilities();
    assertTrue(capabilities.cpu());
    assertFalse(capabilities.accelerator());
    assertTrue(capabilities.hostMemory());
    assertTrue(capabilities.float16());
    assertTrue(capabilities.float64());
    assertTrue(capabilities.correctlyRounded());
    assertTrue(capabilities.memoryBytes() > 0);
  }

  @Test
  void notesSayWhatComputesProducts() {
    String notes = String.join("\n", new CpuProvider().discover().notes());
    assertTrue(notes.contains("matrix products run in"), notes);
    assertFalse(ProductLibrary.describe().isEmpty());
  }
}
