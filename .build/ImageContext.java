import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Makes the folder that an image of {@code docker} is built in.
 *
 * <pre>
 *   java ImageContext.java FOLDER DOCKERFILE JVM_ARGUMENTS CLASS_PATH
 * </pre>
 *
 * <p>{@code FOLDER} then has {@code Dockerfile}, {@code jre}, made of the JDK that runs this
 * program, the jars in {@code millrace/lib}, and {@code millrace/arguments}, an argument file for
 * the {@code java} of a container in which {@code millrace} is {@code /opt/millrace}.
 */
final class ImageContext {
  private static final String MODULES =
      "java.se,jdk.incubator.vector,jdk.management,jdk.unsupported";

  private ImageContext() {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    delete(folder);
    Path library = Files.createDirectories(folder.resolve("millrace/lib"));
    Files.copy(Path.of(args[1]), folder.resolve("Dockerfile"));
    for (String entry : args[3].split(File.pathSeparator)) {
      Path jar = Path.of(entry);
      if (Files.isRegularFile(jar)) {
        Files.copy(jar, library.resolve(jar.getFileName()));
      }
    }
    var lines = new ArrayList<>(List.of(args[2].split(" ")));
    lines.add("-cp");
    lines.add("\"/opt/millrace/lib/*\"");
    Files.write(folder.resolve("millrace/arguments"), lines);
    link(folder.resolve("jre"));
  }

  private static void link(Path jre) {
    int status =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() -> new IllegalStateException("This JDK has no jlink."))
            .run(
                System.out,
                System.err,
                "--add-modules",
                MODULES,
                "--no-header-files",
                "--no-man-pages",
                "--output",
                jre.toString());
    if (status != 0) {
      throw new IllegalStateException("jlink ended with " + status + ".");
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
