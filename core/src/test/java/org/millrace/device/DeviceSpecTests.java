package org.millrace.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceSpecTests {
  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "/, ''",
    "/device:GPU:0, /device:GPU:0",
    "/device:GPU:12, /device:GPU:12",
    "/device:OPENCL:1, /device:OPENCL:1",
    "/gpu:0, /device:GPU:0",
    "/cpu:3, /device:CPU:3",
    "/GPU:1, /device:GPU:1",
    "/gpu, /device:GPU:*",
    "/gpu:*, /device:GPU:*",
    "/device:GPU:*, /device:GPU:*",
    "/device:GPU, /device:GPU:*",
    "/device:gpu:0, /device:GPU:0",
    "/device:*:1, /device:*:1",
    "/device:*:*, ''",
    "/job:localhost, /job:localhost",
    "/job:my_worker2, /job:my_worker2",
    "/replica:1, /replica:1",
    "/replica:*, ''",
    "/task:7, /task:7",
    "/task:*/cpu:0, /device:CPU:0",
    "/job:localhost/replica:0/task:0/device:GPU:0, /job:localhost/replica:0/task:0/device:GPU:0",
    "/device:CPU:0/task:2/job:ps, /job:ps/task:2/device:CPU:0",
    "gpu:0, /device:GPU:0",
  })
  void stringsAreReadAndPrintedInFull(String text, String printed) {
    assertEquals(printed, DeviceSpec.parse(text).toString());
  }

  @Test
  void partsAreFields() {
    DeviceSpec spec = DeviceSpec.parse("/job:ps/replica:1/task:2/device:GPU:3");
    assertEquals(Optional.of("ps"), spec.job());
    assertEquals(OptionalInt.of(1), spec.replica());
    assertEquals(OptionalInt.of(2), spec.task());
    assertEquals(Optional.of("GPU"), spec.type());
    assertEquals(OptionalInt.of(3), spec.index());
    assertEquals(spec, DeviceSpec.parse(spec.toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/device:GPU:0/device:CPU:0",
        "/gpu:0/cpu:0",
        "/cpu:0/device:CPU:0",
        "/device:GPU/gpu:1"
      })
  void secondTypeIsRefused(String text) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> DeviceSpec.parse(text));
    assertEquals("Cannot specify multiple device types: " + text, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "/foo:1, foo",
    "/tpu:0, tpu",
    "/job:localhost/xyz, xyz",
    "/device, device",
    "/device:GPU:0:0, device",
    "/job, job",
    "/gpu:0:1, gpu",
  })
  void unknownPartIsNamed(String text, String part) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> DeviceSpec.parse(text));
    assertEquals("Unknown attribute: '%s' in '%s'".formatted(part, text), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "/job:1worker, job:1worker",
    "/job:, job:",
    "/task:one, task:one",
    "/task:-1, task:-1",
    "/replica:, replica:",
    "/device:GPU:x, device:GPU:x",
    "/device:GPU:-1, device:GPU:-1",
    "/device:GPU:99999999999, device:GPU:99999999999",
    "/device:2GPU:0, device:2GPU:0",
    "/device::0, device::0",
    "/gpu:, gpu:",
    "/gpu:+1, gpu:+1",
  })
  void malformedPartIsShownInFull(String text, String part) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> DeviceSpec.parse(text));
    assertEquals("Unknown attribute: '%s' in '%s'".formatted(part, text), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "/gpu:0, '', /device:GPU:0",
    "'', /gpu:0, /device:GPU:0",
    "/gpu:1, /cpu:0, /device:GPU:1",
    "/gpu:*, /cpu:2, /device:GPU:2",
    "/device:*:1, /gpu:0, /device:GPU:1",
    "/gpu:0, /job:ps/task:1, /job:ps/task:1/device:GPU:0",
    "/task:2, /job:ps/task:1/cpu:0, /job:ps/task:2/device:CPU:0",
    "/job:a/replica:1, /job:b/replica:2/task:3, /job:a/replica:1/task:3",
  })
  void innerSpecWinsFieldByField(String inner, String outer, String merged) {
    DeviceSpec spec = DeviceSpec.parse(inner).merge(DeviceSpec.parse(outer));
    assertEquals(merged, spec.toString());
  }

  @Test
  void emptySpecNamesNothing() {
    assertTrue(DeviceSpec.empty().isEmpty());
    assertTrue(DeviceSpec.parse("").isEmpty());
    assertTrue(DeviceSpec.parse("/device:*:*").isEmpty());
    assertFalse(DeviceSpec.parse("/task:0").isEmpty());
    assertEquals("", DeviceSpec.empty().toString());
  }
}
