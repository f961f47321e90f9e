package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What {@code ./run Article} and {@code ./run Devices} print. */
final class ArticleOutputTests {
  @Test
  void theWalkThroughPrintsWhatTheArticleShows() throws IOException {
    String expected;
    try (var in = ArticleOutputTests.class.getResourceAsStream("article.txt")) {
      expected = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    String[] output = new String[1];
    String errors =
        Captured.errors(() -> output[0] = Captured.output(() -> Article.main(new String[0])));
    assertEquals(expected, output[0].replaceAll("Article\\.java:\\d+", "Article.java:LINE"));
    assertEquals("[2][3]\n", errors);
  }

  @Test
  void devicesAreListed() {
    String output = Captured.output(() -> Devices.main(new String[0]));
    assertTrue(output.contains("/device:CPU:0"), output);
  }
}
