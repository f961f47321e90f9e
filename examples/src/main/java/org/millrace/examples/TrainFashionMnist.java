package org.millrace.examples;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.millrace.device.DeviceSpec;
import org.millrace.plan.PlacementException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./train}: trains a network on Fashion-MNIST. */
@Command(
    name = "train",
    mixinStandardHelpOptions = false,
    sortOptions = false,
    description = {
      "Trains a network to tell ten kinds of clothing apart, on images of Fashion-MNIST: 784 pixels,"
          + " 128 hidden units (relu), 10 classes (softmax), by gradient descent with momentum 0.9"
          + " and a learning rate that falls linearly to zero.",
      ""
    },
    footer = {
      "",
      "The same seed gives the same numbers on the same machine. An option that cannot be met ends"
          + " the program with exit code 2."
    })
public final class TrainFashionMnist implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder with the four files of Fashion-MNIST under their original names,"
              + " with or without .gz. Without it: 12,000 training and 2,000 test images that come"
              + " with this program.")
  private Path data;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description =
          "Where to train: /cpu:0, /gpu:0, /device:OPENCL:0, ... Without it: the first CUDA device,"
              + " or else the CPU. ./run Devices lists what this machine has.")
  private String device;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "How often each image is used (${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images per step (${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      defaultValue = "0.05",
      description = "The learning rate of the first step (${DEFAULT-VALUE}).")
  private float learningRate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Gives the initial weights and the order of images (${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Prints this text.")
  private boolean help;

  private TrainFashionMnist() {}

  /** Runs the command. */
  public static void main(String[] args) {
    System.exit(command().execute(args));
  }

  /** The command; what is wrong with its options is said in one sentence. */
  static CommandLine command() {
    return new CommandLine(new TrainFashionMnist())
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(
            (e, _) -> {
              PrintWriter err = e.getCommandLine().getErr();
              err.println(e.getMessage());
              err.println("train --help lists the options.");
              err.flush();
              return e.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
            });
  }

  @Override
  public Integer call() {
    checkNumbers();
    checkDevice();
    long start = System.nanoTime();
    FashionMnist images = read();
    int count = images.training().count();
    require(batch <= count, "--batch", batch, "at most " + count + ", the number of images");
    try (var training =
        new Training(images.training(), device, epochs, batch, seed, learningRate)) {
      train(training, images, start);
    } catch (PlacementException e) {
      throw bad("--device %s: %s".formatted(device, e.getMessage()));
    }
    return 0;
  }

  private void train(Training training, FashionMnist images, long start) {
    PrintWriter out = spec.commandLine().getOut();
    int count = images.training().count();
    out.printf(
        Locale.ROOT,
        "%,d training images, %,d test images; seed %d%n",
        count,
        images.test().count(),
        seed);
    for (int epoch = 1; epoch <= epochs; epoch++) {
      String title = "Epoch %d/%d".formatted(epoch, epochs);
      out.flush();
      try (var progress = Progress.start(title, count, training.stepsPerEpoch(), out)) {
        training.epoch(progress::stepDone);
      }
    }
    Score score = training.evaluate(images.test());
    out.printf(
        Locale.ROOT,
        "Test accuracy %.4f, test loss %.4f, after %.1f s%n",
        score.accuracy(),
        score.loss(),
        (System.nanoTime() - start) / 1e9);
    out.flush();
  }

  private FashionMnist read() {
    try {
      return data == null ? FashionMnist.bundled() : FashionMnist.in(data);
    } catch (DatasetException e) {
      throw bad("--data: " + e.getMessage() + ".");
    }
  }

  private void checkNumbers() {
    require(epochs >= 1, "--epochs", epochs, "at least 1");
    require(batch >= 1, "--batch", batch, "at least 1");
    require(
        learningRate > 0 && learningRate < Float.POSITIVE_INFINITY,
        "--learning-rate",
        learningRate,
        "a positive number");
  }

  private void checkDevice() {
    if (device != null) {
      try {
        DeviceSpec.parse(device);
      } catch (IllegalArgumentException e) {
        throw bad(
            "--device %s: it must be a device such as /cpu:0 (%s). There are:%n%s"
                .formatted(
                    device,
                    e.getMessage(),
                    org.millrace.session.Devices.explain().stripTrailing()));
      }
    }
  }

  private void require(boolean met, String option, Object given, String required) {
    if (!met) {
      throw bad("%s %s: it must be %s.".formatted(option, given, required));
    }
  }

  private ParameterException bad(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
