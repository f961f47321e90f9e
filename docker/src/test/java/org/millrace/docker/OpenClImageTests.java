package org.millrace.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.millrace.docker.Engine.Ended;
import org.testcontainers.utility.DockerImageName;

/** The image of {@code opencl.Dockerfile}: it trains on PoCL, and does as it should without it. */
@EnabledIf(
    value = "org.millrace.docker.Engine#answers",
    disabledReason = "no Docker engine is reachable")
final class OpenClImageTests {
  private static final Pattern LOSS = Pattern.compile("test loss (\\d+\\.\\d+)");

  private static DockerImageName image;

  @BeforeAll
  static void buildImage() {
    image = Engine.build("millrace-opencl", Path.of(System.getProperty("millrace.image.opencl")));
  }

  @Test
  void trainsOnPoclAsOnTheCpu() {
    Ended gpu = train("/device:GPU:0");
    assertEquals(0, gpu.status(), gpu.output());
    assertTrue(gpu.output().contains("Epoch 2/2  step 3/3"), gpu.output());
    Ended cpu = train("/device:CPU:0");
    assertEquals(0, cpu.status(), cpu.output());
    assertEquals(loss(cpu), loss(gpu), 0.001, gpu.output());
  }

  @Test
  void withoutOpenClSoftPlacementFallsBackToTheCpu() {
    Ended soft = train("/device:GPU:0", "OCL_ICD_VENDORS=/nowhere", "MILLRACE_SOFT_PLACEMENT=true");
    assertEquals(0, soft.status(), soft.output());
    assertSaysWhatIsMissing(soft.output());
    assertTrue(soft.output().contains("Falling back to the CPU (soft placement)"), soft.output());
    assertTrue(Double.isFinite(loss(soft)), soft.output());
  }

  @Test
  void withoutOpenClOrSoftPlacementTheErrorListsWhatThereIsAndWhy() {
    Ended hard = train("/device:GPU:0", "OCL_ICD_VENDORS=/nowhere");
    assertEquals(2, hard.status(), hard.output());
    assertSaysWhatIsMissing(hard.output());
    assertFalse(hard.output().contains("Falling back"), hard.output());
    assertFalse(hard.output().contains("Epoch"), hard.output());
  }

  private static void assertSaysWhatIsMissing(String output) {
    Stream.of("/device:GPU:0", "/device:CPU:0", "no OpenCL platform", "pocl-opencl-icd")
        .forEach(part -> assertTrue(output.contains(part), () -> part + " is not in: " + output));
  }

  /** Two epochs of three steps. */
  private static Ended train(String device, String... variables) {
    var environment = new HashMap<>(Map.of("MILLRACE_OPENCL_CPU_AS_GPU", "true"));
    Stream.of(variables)
        .map(variable -> variable.split("=", 2))
        .forEach(pair -> environment.put(pair[0], pair[1]));
    return Engine.run(
        image,
        environment,
        SmallFashionMnist.in("/data"),
        ("--data /data --epochs 2 --batch 64 --device " + device).split(" "));
  }

  private static double loss(Ended training) {
    var found = LOSS.matcher(training.output());
    assertTrue(found.find(), training.output());
    return Double.parseDouble(found.group(1));
  }
}
