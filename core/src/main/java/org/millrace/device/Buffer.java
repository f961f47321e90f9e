package org.millrace.device;

/**
 * A range of a region: bytes, not a tensor.
 *
 * @param region the memory, owned by the context that allocated it
 * @param offset where the range starts, a multiple of the device's alignment
 * @param bytes its length; may be 0
 */
public record Buffer(Region region, long offset, long bytes) {
  public Buffer {
    if (offset < 0 || bytes < 0 || offset + bytes > region.bytes()) {
      throw new IllegalArgumentException(
          "a buffer of %d bytes at offset %d does not fit into a region of %d bytes"
              .formatted(bytes, offset, region.bytes()));
    }
  }

  /** The range of {@code length} bytes that starts {@code from} bytes into this one. */
  public Buffer slice(long from, long length) {
    return new Buffer(region, offset + from, length);
  }
}
