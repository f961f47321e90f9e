package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

final class IdxFileTests {
  /** A 2 x 3 matrix. */
  private static final byte[] MATRIX = {
    0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, (byte) 255
  };

  private static NDArray read(byte[] file, String name, int rank) {
    return IdxFile.read(new ByteArrayInputStream(file), name, rank);
  }

  private static void assertRefused(String message, byte[] file, String name, int rank) {
    var e = assertThrows(DatasetException.class, () -> read(file, name, rank));
    assertEquals(message, e.getMessage());
  }

  private static byte[] gzip(byte[] content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  @Test
  void readsExtentsAndUnsignedBytes() {
    NDArray array = read(MATRIX, "m", 2);
    assertEquals(DType.UINT8, array.dtype());
    assertEquals(Shape.of(2, 3), array.shape());
    assertArrayEquals(new int[] {1, 2, 3, 4, 5, 255}, array.toInts());
  }

  @Test
  void readsGzippedFiles() throws IOException {
    assertArrayEquals(new int[] {1, 2, 3, 4, 5, 255}, read(gzip(MATRIX), "m.gz", 2).toInts());
  }

  @Test
  void refusesAnotherMagicNumber() {
    assertRefused(
        "m does not start with the magic number 0x00000803 (idx, unsigned bytes, 3 dimensions) but"
            + " with 0x00000802",
        MATRIX,
        "m",
        3);
    byte[] floats = MATRIX.clone();
    floats[2] = 0x0D;
    assertRefused(
        "m does not start with the magic number 0x00000802 (idx, unsigned bytes, 2 dimensions) but"
            + " with 0x00000d02",
        floats,
        "m",
        2);
  }

  @Test
  void refusesAFileThatIsCutOff() throws IOException {
    assertRefused(
        "m is cut off: its header announces 2 x 3 bytes, but only 5 follow",
        Arrays.copyOf(MATRIX, MATRIX.length - 1),
        "m",
        2);
    assertRefused("m ends too early", Arrays.copyOf(MATRIX, 7), "m", 2);
    assertRefused("m ends too early", new byte[0], "m", 2);
    byte[] zipped = gzip(MATRIX);
    assertRefused("m.gz ends too early", Arrays.copyOf(zipped, zipped.length - 9), "m.gz", 2);
  }

  @Test
  void refusesAFileThatGoesOn() {
    assertRefused(
        "m goes on after the 2 x 3 bytes that its header announces",
        Arrays.copyOf(MATRIX, MATRIX.length + 1),
        "m",
        2);
  }

  @Test
  void refusesWhatIsNotGzipped() {
    assertRefused("m.gz is no intact gzip file: Not in GZIP format", MATRIX, "m.gz", 2);
  }

  @Test
  void refusesExtentsThatDoNotFitInMemory() {
    byte[] huge = MATRIX.clone();
    Arrays.fill(huge, 4, 12, (byte) 0xFF);
    assertRefused(
        "m is too large: its header announces 4294967295 x 4294967295 bytes", huge, "m", 2);
  }
}
