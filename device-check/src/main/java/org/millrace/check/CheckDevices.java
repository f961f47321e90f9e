package org.millrace.check;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.millrace.device.Device;
import org.millrace.device.DeviceSpec;
import org.millrace.session.Devices;
import org.millrace.session.SessionConfig;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./check-devices}: checks the devices of this machine and says how fast they are. */
@Command(
    name = "check-devices",
    mixinStandardHelpOptions = false,
    sortOptions = false,
    description = {
      "Runs the conformance kit, the gradient checks and a short training on every device of this"
          + " machine, compares the results with the CPU's, and measures matrix products and copies."
          + " Prints a report in Markdown to standard output, to be pasted into an issue, and how"
          + " it goes on to standard error.",
      ""
    },
    footer = {
      "",
      "Exit code 0: everything passed; 1: something failed; 2: there is no such device, or a wrong"
          + " option."
    })
public final class CheckDevices implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description =
          "What to check, such as /device:CUDA:0 or /gpu:0; may be given several times. Without it:"
              + " every device, the CPU too.")
  private List<String> devices = List.of();

  @Option(
      names = "--quick",
      description = "Only a sample of the cases, and small products and copies.")
  private boolean quick;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "30",
      description = "How long a device may take; what is left then fails (${DEFAULT-VALUE}).")
  private int minutes;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Prints this text.")
  private boolean help;

  private CheckDevices() {}

  /** Runs the command. */
  public static void main(String[] args) {
    System.exit(command().execute(args));
  }

  /** The command; what is wrong with its options is said in one sentence. */
  static CommandLine command() {
    return new CommandLine(new CheckDevices())
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(
            (e, _) -> {
              PrintWriter err = e.getCommandLine().getErr();
              err.println(e.getMessage());
              err.println("check-devices --help lists the options.");
              err.flush();
              return e.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
            });
  }

  @Override
  public Integer call() {
    if (minutes < 1) {
      throw bad("--minutes %d: it must be at least 1.".formatted(minutes));
    }
    List<Device> chosen = chosen();
    PrintWriter log = spec.commandLine().getErr();
    log.printf(
        "%d device(s) will be checked; each takes %s, and at most %d min.%n",
        chosen.size(),
        quick ? "about a minute" : "from a few to some twenty minutes (--quick: about one)",
        minutes);
    long start = System.nanoTime();
    List<DeviceResult> results = new ArrayList<>();
    for (Device device : chosen) {
      results.add(
          DeviceResult.of(new CheckedDevice(device, quick), Duration.ofMinutes(minutes), log));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Report report =
        new Report(
            environment(seconds),
            Devices.explain(),
            Devices.all().stream().anyMatch(device -> !device.type().equals("CPU")),
            results);
    PrintWriter out = spec.commandLine().getOut();
    out.print(report);
    out.flush();
    return report.isPassed() ? 0 : 1;
  }

  private List<Device> chosen() {
    if (devices.isEmpty()) {
      return Devices.all();
    }
    List<Device> chosen = new ArrayList<>();
    for (String device : devices) {
      List<Device> named = named(device);
      if (named.isEmpty()) {
        throw bad(
            "--device %s: there is no such device. There are:%n%s".formatted(device, there()));
      }
      named.stream().filter(one -> !chosen.contains(one)).forEach(chosen::add);
    }
    return chosen;
  }

  private List<Device> named(String name) {
    DeviceSpec wanted;
    try {
      wanted = DeviceSpec.parse(name);
    } catch (IllegalArgumentException e) {
      throw bad(
          "--device %s: it must be a device such as /gpu:0 (%s). There are:%n%s"
              .formatted(name, e.getMessage(), there()));
    }
    String type = wanted.type().orElse("");
    if (type.equals("GPU")) {
      List<Device> gpus = Devices.gpus(SessionConfig.defaults());
      int index = wanted.index().orElse(-1);
      return index < 0 ? gpus : gpus.stream().skip(index).limit(1).toList();
    }
    return Devices.all().stream()
        .filter(device -> type.isEmpty() || device.type().equals(type))
        .filter(device -> wanted.index().orElse(device.ordinal()) == device.ordinal())
        .toList();
  }

  private static String there() {
    return Devices.explain().stripTrailing();
  }

  private String environment(double seconds) {
    return "Millrace %s, Java %s (%s), %s %s (%s), %d processors; %s check, %.0f s"
        .formatted(
            version(),
            Runtime.version(),
            System.getProperty("java.vendor"),
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch"),
            Runtime.getRuntime().availableProcessors(),
            quick ? "quick" : "full",
            seconds);
  }

  /** The version, and the commit if the command that started this process told it. */
  private static String version() {
    Properties build = new Properties();
    try (InputStream in = CheckDevices.class.getResourceAsStream("build.properties")) {
      build.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String commit = System.getenv("MILLRACE_COMMIT");
    return build.getProperty("version") + (commit == null ? "" : " (" + commit + ")");
  }

  private ParameterException bad(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
