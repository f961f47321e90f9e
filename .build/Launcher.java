import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes down how the examples are started, so that the next start needs no Maven.
 *
 * <pre>
 *   java Launcher.java FOLDER JVM_ARGUMENTS CLASS_PATH
 * </pre>
 *
 * <p>{@code FOLDER/java-home} then names the JDK that ran this program, the one that the build
 * selected, and {@code FOLDER/arguments} is an argument file for its {@code java}.
 */
final class Launcher {
  private Launcher() {}

  public static void main(String[] args) throws IOException {
    var folder = Files.createDirectories(Path.of(args[0]));
    var lines = new ArrayList<>(List.of(args[1].split(" ")));
    lines.add("-cp");
    lines.add('"' + args[2].replace("\\", "\\\\").replace("\"", "\\\"") + '"');
    Files.writeString(folder.resolve("java-home"), System.getProperty("java.home"));
    Files.write(folder.resolve("arguments"), lines);
  }
}
