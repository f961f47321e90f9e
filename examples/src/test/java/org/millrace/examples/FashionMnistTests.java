package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.tensor.Shape;

final class FashionMnistTests {
  private static final String[] FILES = {
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte"
  };

  @TempDir Path folder;

  /** Copies the files that come with the program. */
  @BeforeEach
  void copy() throws IOException {
    for (String file : FILES) {
      try (InputStream in = open(file)) {
        Files.copy(in, folder.resolve(file + ".gz"));
      }
    }
  }

  private static InputStream open(String file) {
    return FashionMnist.class.getResourceAsStream("/fashion-mnist/" + file + ".gz");
  }

  private void assertRefused(String message) {
    var e = assertThrows(DatasetException.class, () -> FashionMnist.in(folder));
    assertEquals(message.replace("DIR", folder.toString()), e.getMessage());
  }

  private static int[] classCounts(LabelledImages set) {
    int[] counts = new int[FashionMnist.CLASSES];
    for (int label : set.labels().toInts()) {
      counts[label]++;
    }
    return counts;
  }

  @Test
  void theBundledImagesAreTheDocumentedOnes() {
    FashionMnist images = FashionMnist.bundled();
    assertEquals(Shape.of(12_000, 784), images.training().images().shape());
    assertEquals(Shape.of(2_000, 784), images.test().images().shape());
    assertArrayEquals(
        new int[] {1122, 1220, 1201, 1212, 1181, 1204, 1244, 1192, 1195, 1229},
        classCounts(images.training()));
    assertArrayEquals(
        new int[] {200, 203, 214, 190, 219, 195, 197, 200, 194, 188}, classCounts(images.test()));
  }

  @Test
  void readsAFolderWithOrWithoutGz() throws IOException {
    Path zipped = folder.resolve(FILES[2] + ".gz");
    try (var in = new GZIPInputStream(Files.newInputStream(zipped))) {
      Files.copy(in, folder.resolve(FILES[2]));
    }
    Files.delete(zipped);
    FashionMnist images = FashionMnist.in(folder);
    assertEquals(12_000, images.training().count());
    assertArrayEquals(
        FashionMnist.bundled().test().images().toInts(), images.test().images().toInts());
  }

  @Test
  void refusesAFolderThatLacksAFile() throws IOException {
    Files.delete(folder.resolve(FILES[1] + ".gz"));
    assertRefused("There is neither train-labels-idx1-ubyte.gz nor train-labels-idx1-ubyte in DIR");
  }

  @Test
  void refusesFilesThatDoNotBelongTogether() throws IOException {
    Files.delete(folder.resolve(FILES[3] + ".gz"));
    Files.copy(folder.resolve(FILES[1] + ".gz"), folder.resolve(FILES[3] + ".gz"));
    assertRefused(
        "t10k-labels-idx1-ubyte holds 12000 labels, but t10k-images-idx3-ubyte holds 2000 images");
  }

  @Test
  void aBatchHoldsTheImagesOfTheOrder() {
    LabelledImages all = FashionMnist.bundled().test();
    LabelledImages batch = all.batch(new int[] {0, 7, 3, 9}, 1, 3);
    assertEquals(2, batch.count());
    assertEquals(all.labels().getLong(7), batch.labels().getLong(0));
    assertEquals(all.labels().getLong(3), batch.labels().getLong(1));
    for (int pixel = 0; pixel < 784; pixel++) {
      assertEquals(all.images().getLong(7 * 784 + pixel), batch.images().getLong(pixel));
      assertEquals(all.images().getLong(3 * 784 + pixel), batch.images().getLong(784 + pixel));
    }
  }
}
