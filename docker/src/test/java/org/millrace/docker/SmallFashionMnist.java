package org.millrace.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** The first images of the data set that comes with the examples, for training of a few steps. */
final class SmallFashionMnist {
  static final int TRAINING = 192;
  static final int TEST = 64;

  private SmallFashionMnist() {}

  /** Its four files, in {@code folder} of a container. */
  static Map<String, byte[]> in(String folder) {
    return Map.of(
        folder + "/train-images-idx3-ubyte", first(TRAINING, "train-images-idx3-ubyte", 28 * 28),
        folder + "/train-labels-idx1-ubyte", first(TRAINING, "train-labels-idx1-ubyte", 1),
        folder + "/t10k-images-idx3-ubyte", first(TEST, "t10k-images-idx3-ubyte", 28 * 28),
        folder + "/t10k-labels-idx1-ubyte", first(TEST, "t10k-labels-idx1-ubyte", 1));
  }

  /**
   * An IDX file cut to {@code count} items; byte 3 is its rank, the sizes follow as 32 bits each.
   */
  private static byte[] first(int count, String name, int itemBytes) {
    String resource = "/fashion-mnist/" + name + ".gz";
    try (InputStream packed = SmallFashionMnist.class.getResourceAsStream(resource);
        InputStream in = new GZIPInputStream(packed)) {
      byte[] magic = in.readNBytes(4);
      int header = 4 + 4 * magic[3];
      return ByteBuffer.allocate(header + count * itemBytes)
          .put(magic)
          .put(in.readNBytes(header - 4 + count * itemBytes))
          .putInt(4, count)
          .array();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
