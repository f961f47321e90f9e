package org.millrace.docker;

import com.github.dockerjava.api.DockerClient;
import java.nio.file.Path;
import java.time.Duration;
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
    boolean answers = DockerClientFactory.instance().isDockerAvailable();
    if (!answers) {
      String text = "no Docker engine is reachable: start one, or let DOCKER_HOST name one";
      if ("required".equals(System.getProperty("millrace.docker"))) {
        throw new IllegalStateException(text);
      }
      System.err.printf(
          "%1$s%nNOT RUN: every test of the container images, as%n%2$s.%n%1$s%n",
          "*".repeat(72), text);
    }
    return answers;
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
      container
          .withNetworkMode("none")
          .withEnv(environment)
          .withCommand(arguments)
          .withStartupCheckStrategy(new RanToItsEnd().withTimeout(Duration.ofMinutes(4)))
          .start();
      long status = container.getCurrentContainerInfo().getState().getExitCodeLong();
      return new Ended(status, container.getLogs());
    }
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
