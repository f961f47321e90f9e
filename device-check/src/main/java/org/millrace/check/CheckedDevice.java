package org.millrace.check;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.millrace.device.Device;
import org.millrace.session.Devices;

/**
 * The device that a {@link Part} is about. The parts are test classes, which get it as the argument
 * of their constructor.
 *
 * @param quick whether a part may leave out most of its cases
 */
record CheckedDevice(Device device, boolean quick) {
  private static final String NAME = "millrace.check.device";
  private static final String QUICK = "millrace.check.quick";

  /** Its device string. */
  String name() {
    return nameOf(device);
  }

  /** The device string of a device. */
  static String nameOf(Device device) {
    return "/device:%s:%d".formatted(device.type(), device.ordinal());
  }

  /** What a launcher passes on to {@link Resolver}. */
  Map<String, String> parameters() {
    return Map.of(NAME, name(), QUICK, Boolean.toString(quick));
  }

  /** Every how-manieth of many similar cases is run: {@code quick} if that was asked for. */
  int stride(int stride) {
    return quick ? stride : 1;
  }

  /** Gives the parts their device. */
  static final class Resolver implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == CheckedDevice.class;
    }

    @Override
    public CheckedDevice resolveParameter(ParameterContext parameter, ExtensionContext context) {
      String name = context.getConfigurationParameter(NAME).orElseThrow();
      List<Device> named =
          Devices.all().stream().filter(device -> nameOf(device).equals(name)).toList();
      boolean quick = context.getConfigurationParameter(QUICK, Boolean::valueOf).orElse(false);
      return new CheckedDevice(named.getFirst(), quick);
    }
  }
}
