package org.millrace.examples;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * Reads unsigned bytes in the idx format, the format of MNIST: a magic number {@code 00 00 08 R},
 * where R is the number of dimensions, the R extents as big-endian 32-bit integers, and the
 * elements in row-major order.
 */
final class IdxFile {
  private static final int UNSIGNED_BYTES = 0x08;

  private IdxFile() {}

  /**
   * The uint8 array in a file.
   *
   * @param in the file's bytes, gzipped if the name ends in {@code .gz}; not closed
   * @param name the file's name
   * @param rank the number of dimensions that it must have
   * @throws DatasetException if the file is damaged or holds something else
   */
  static NDArray read(InputStream in, String name, int rank) {
    try {
      return readPlain(name.endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in, name, rank);
    } catch (ZipException e) {
      throw new DatasetException(
          "%s is no intact gzip file: %s".formatted(name, e.getMessage()), e);
    } catch (EOFException e) {
      throw new DatasetException(name + " ends too early", e);
    } catch (IOException e) {
      throw new DatasetException("%s cannot be read: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static NDArray readPlain(InputStream in, String name, int rank) throws IOException {
    var header = new DataInputStream(in);
    int expected = UNSIGNED_BYTES << 8 | rank;
    int magic = header.readInt();
    if (magic != expected) {
      throw new DatasetException(
          "%s does not start with the magic number 0x%08x (idx, unsigned bytes, %d %s) but with 0x%08x"
              .formatted(name, expected, rank, rank == 1 ? "dimension" : "dimensions", magic));
    }
    long[] extents = new long[rank];
    for (int i = 0; i < rank; i++) {
      extents[i] = Integer.toUnsignedLong(header.readInt());
    }
    int count = count(extents, name);
    byte[] elements = in.readNBytes(count);
    if (elements.length < count) {
      throw new DatasetException(
          "%s is cut off: its header announces %s bytes, but only %d follow"
              .formatted(name, product(extents), elements.length));
    }
    if (in.read() != -1) {
      throw new DatasetException(
          "%s goes on after the %s bytes that its header announces"
              .formatted(name, product(extents)));
    }
    return NDArray.wrap(DType.UINT8, Shape.of(extents), MemorySegment.ofArray(elements));
  }

  private static int count(long[] extents, String name) {
    try {
      return Math.toIntExact(Arrays.stream(extents).reduce(1, Math::multiplyExact));
    } catch (ArithmeticException e) {
      throw new DatasetException(
          "%s is too large: its header announces %s bytes".formatted(name, product(extents)), e);
    }
  }

  private static String product(long[] extents) {
    return LongStream.of(extents).mapToObj(Long::toString).collect(Collectors.joining(" x "));
  }
}
