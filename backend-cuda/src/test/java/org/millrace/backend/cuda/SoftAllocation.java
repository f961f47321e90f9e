package org.millrace.backend.cuda;

/** A range of a software device's memory. */
final class SoftAllocation {
  final long base;
  final int size;
  final byte[] data;
  boolean live = true;

  /** What is known of its bytes, or null where nothing is checked. */
  final AccessShadow shadow;

  SoftAllocation(long base, int size, boolean checked) {
    this.base = base;
    this.size = size;
    this.data = new byte[size];
    this.shadow = checked ? new AccessShadow(size) : null;
  }

  /** Whether {@code bytes} bytes at {@code address} lie in it. */
  boolean holds(long address, long bytes) {
    return address >= base && address - base <= size - bytes;
  }

  /** Where {@code address} lies in {@link #data}. */
  int offset(long address) {
    return (int) (address - base);
  }

  @Override
  public String toString() {
    return "the allocation of %d bytes at 0x%x".formatted(size, base);
  }
}
