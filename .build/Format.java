import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Checks or fixes the format of every Java file below a folder with google-java-format.
 *
 * <pre>
 *   java -cp google-java-format-all-deps.jar Format.java check|fix FOLDER
 * </pre>
 *
 * <p>The Maven build runs it with the JDK that compiles the project, since google-java-format
 * parses with the javac of the JVM that it runs on. Exit status 1 means that files differ from
 * their formatted text (check) or cannot be parsed (both).
 */
final class Format {
  private static final Set<String> SKIPPED = Set.of("target", ".git", "shared");

  private Format() {}

  public static void main(String[] args) throws IOException {
    boolean fix = args[0].equals("fix");
    var root = Path.of(args[1]);
    var differing = new ConcurrentSkipListSet<Path>();
    var broken = new ConcurrentSkipListSet<String>();
    javaFiles(root).parallelStream()
        .forEach(
            file -> {
              try {
                var text = Files.readString(file);
                var formatted = format(text);
                if (!formatted.equals(text)) {
                  differing.add(root.relativize(file));
                  if (fix) {
                    Files.writeString(file, formatted);
                  }
                }
              } catch (FormatterException | IOException e) {
                broken.add(root.relativize(file) + ": " + e.getMessage());
              }
            });
    broken.forEach(line -> System.out.println("Cannot be formatted: " + line));
    differing.forEach(file -> System.out.println((fix ? "Formatted: " : "Not formatted: ") + file));
    if (!fix && !differing.isEmpty()) {
      System.out.println(
          "%d file(s) are not formatted. Run ./format to fix them.".formatted(differing.size()));
    }
    System.exit(broken.isEmpty() && (fix || differing.isEmpty()) ? 0 : 1);
  }

  private static String format(String text) throws FormatterException {
    var style = JavaFormatterOptions.Style.GOOGLE;
    var imports = RemoveUnusedImports.removeUnusedImports(text);
    imports = ImportOrderer.reorderImports(imports, style);
    var options = JavaFormatterOptions.builder().style(style).build();
    return new Formatter(options).formatSource(imports);
  }

  private static List<Path> javaFiles(Path root) throws IOException {
    var files = new ArrayList<Path>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return SKIPPED.contains(String.valueOf(folder.getFileName()))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }
}
