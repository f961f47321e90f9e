package org.millrace.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.millrace.docker.Engine.Ended;
import org.testcontainers.utility.DockerImageName;

/** The image of {@code cuda.Dockerfile}, where there is a GPU: every device passes the check. */
@EnabledIf(
    value = "org.millrace.docker.Engine#givesGpus",
    disabledReason = "no Docker engine that gives NVIDIA GPUs to containers is reachable")
final class CudaImageTests {
  @Test
  void devicesPassTheSelfCheck() {
    DockerImageName image =
        Engine.build("millrace-cuda", Path.of(System.getProperty("millrace.image.cuda")));
    Ended check =
        Engine.runOnGpus(
            image,
            "java",
            "@/opt/millrace/arguments",
            "org.millrace.check.CheckDevices",
            "--device",
            "/device:CUDA:*",
            "--minutes",
            "10");
    System.out.println(check.output());
    assertEquals(0, check.status(), check.output());
    assertTrue(check.output().contains("| /device:CUDA:0 | "), check.output());
  }
}
