package org.millrace.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.DeviceRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/** The Docker engine that {@code DOCKER_HOST} names, or else the usual one of the machine. */
final class Engine {
  private Engine() {}

  /** How a program in a container ended, and all that it printed. */
  record Ended(long status, String output) {}

  /**
   * Whether an engine answers. If none does, this is said in so many words, as the tests are
   * skipped; with {@code -Dmillrace.docker=required} it is an error.
   */
  static boolean answers() {
    return isMet(
        isReachable(),
        "millrace.docker",
        "every test of the container images",
        "no Docker engine is reachable: start one, or let DOCKER_HOST name one");
  }

  /**
   * Whether an engine gives NVIDIA GPUs to containers. If none does, this is said in so many words,
   * as the tests are skipped; with {@code -Dmillrace.gpu=required} it is an error, and with {@code
   * absent} none is looked for.
   */
  static boolean givesGpus() {
    return isMet(
        !"absent".equals(System.getProperty("millrace.gpu"))
            && isReachable()
            && DockerClientFactory.lazyClient()
                .infoCmd()
                .exec()
                .getRuntimes()
                .containsKey("nvidia"),
        "millrace.gpu",
        "the self-check in the CUDA image",
        "no Docker engine with the NVIDIA container toolkit, and so no GPU, is reachable");
  }

  private static boolean isReachable() {
    return DockerClientFactory.instance().isDockerAvailable();
  }

  /** Says loudly that tests are not run where what they need is missing. */
  private static boolean isMet(boolean met, String property, String tests, String missing) {
    if (!met) {
      if ("required".equals(System.getProperty(property))) {
        throw new IllegalStateException(missing);
      }
      System.err.printf("%1$s%nNOT RUN: %2$s, as%n%3$s.%n%1$s%n", "*".repeat(72), tests, missing);
    }
    return met;
  }

  /** Builds the image {@code name} in a folder with a {@code Dockerfile}. */
  static DockerImageName build(String name, Path folder) {
    // The network of the host: an engine that was started without a bridge has no other.
    return DockerImageName.parse(
        new ImageFromDockerfile(name, false)
            .withDockerfile(folder.resolve("Dockerfile"))
            .withBuildImageCmdModifier(build -> build.withNetworkMode("host"))
            .get());
  }

  /**
   * Runs an image to its end, without a network.
   *
   * @param files content by its path in the container
   */
  static Ended run(
      DockerImageName image,
      Map<String, String> environment,
      Map<String, byte[]> files,
      String... arguments) {
    try (var container = new GenericContainer<>(image)) {
      files.forEach((path, bytes) -> container.withCopyToContainer(Transferable.of(bytes), path));
      container.withEnv(environment).withCommand(arguments);
      return run(container, Duration.ofMinutes(4));
    }
  }

  /**
   * Runs an image to its end, without a network, with all GPUs of the machine.
   *
   * @param program and its arguments, instead of the image's own
   */
  static Ended runOnGpus(DockerImageName image, String program, String... arguments) {
    var gpus = new DeviceRequest().withCount(-1).withCapabilities(List.of(List.of("gpu")));
    try (var container = new GenericContainer<>(image)) {
      container
          .withCommand(arguments)
          .withCreateContainerCmdModifier(
              create -> {
                create.withEntrypoint(program);
                create.getHostConfig().withDeviceRequests(List.of(gpus));
              });
      return run(container, Duration.ofHours(1));
    }
  }

  private static Ended run(GenericContainer<?> container, Duration longest) {
    container
        .withNetworkMode("none")
        .withStartupCheckStrategy(new RanToItsEnd().withTimeout(longest))
        .start();
    long status = container.getCurrentContainerInfo().getState().getExitCodeLong();
    return new Ended(status, container.getLogs());
  }

  /** Whatever its exit status, which is for the test to judge. */
  private static final class RanToItsEnd extends StartupCheckStrategy {
    @Override
    public StartupStatus checkStartupState(DockerClient client, String container) {
      return "exited".equals(getCurrentState(client, container).getStatus())
          ? StartupStatus.SUCCESSFUL
          : StartupStatus.NOT_YET_KNOWN;
    }
  }
}
