package org.millrace.backend.cuda;

import java.util.Arrays;

/**
 * What is known of each byte of a memory: whether it was ever written, and who touched it last in a
 * launch.
 *
 * <p>A touch is a stamp, which {@link AccessChecks} hands out anew for every block and every
 * interval between two barriers, with the thread. Touches are kept for words of four bytes, or for
 * single bytes of a page in which something smaller than a word was accessed.
 */
final class AccessShadow {
  private static final int PAGE_SHIFT = 10;
  private static final int PAGE = 1 << PAGE_SHIFT;

  /** The last writer and the last reader of each unit of a page. */
  private static final class Page {
    private int shift = 2;
    private long[] touches = new long[2 * PAGE >> 2];

    private void split() {
      long[] bytes = new long[2 * PAGE];
      for (int i = 0; i < PAGE; i++) {
        bytes[2 * i] = touches[2 * (i >> shift)];
        bytes[2 * i + 1] = touches[2 * (i >> shift) + 1];
      }
      touches = bytes;
      shift = 0;
    }
  }

  private final long[] written;
  private final Page[] pages;

  AccessShadow(int size) {
    this.written = new long[(size + 63) >> 6];
    this.pages = new Page[(size + PAGE - 1) >> PAGE_SHIFT];
  }

  /** Forgets all writes. */
  void forget() {
    Arrays.fill(written, 0);
  }

  /** Forgets all touches, which gives their memory back. */
  void forgetTouches() {
    Arrays.fill(pages, null);
  }

  /** Notes that bytes were written. */
  void write(int offset, int bytes) {
    for (int at = offset, end = offset + bytes; at < end; ) {
      int count = Math.min(end - at, 64 - (at & 63));
      written[at >> 6] |= mask(at, count);
      at += count;
    }
  }

  /** The first of the bytes that was never written, or −1. */
  int firstUnwritten(int offset, int bytes) {
    for (int at = offset, end = offset + bytes; at < end; ) {
      int count = Math.min(end - at, 64 - (at & 63));
      long missing = mask(at, count) & ~written[at >> 6];
      if (missing != 0) {
        return (at & ~63) + Long.numberOfTrailingZeros(missing);
      }
      at += count;
    }
    return -1;
  }

  private static long mask(int at, int count) {
    return (count == 64 ? -1L : (1L << count) - 1) << (at & 63);
  }

  /** Lets its bytes count as written just as far as those of {@code source} do. */
  void copy(int offset, AccessShadow source, int from, int bytes) {
    for (int i = 0; i < bytes; ) {
      int to = offset + i;
      int of = from + i;
      int count = Math.min(bytes - i, Math.min(64 - (to & 63), 64 - (of & 63)));
      long bits = source.written[of >> 6] >>> (of & 63) & (count == 64 ? -1L : (1L << count) - 1);
      written[to >> 6] = written[to >> 6] & ~mask(to, count) | bits << (to & 63);
      i += count;
    }
  }

  /**
   * Notes a load or store of a lane by {@code checks} and asks it whether it races with an earlier
   * one.
   */
  void touch(int offset, int bytes, boolean store, int thread, AccessChecks checks) {
    Page page = pages[offset >> PAGE_SHIFT];
    if (page == null) {
      page = pages[offset >> PAGE_SHIFT] = new Page();
      checks.madePage();
    }
    if (page.shift == 2 && (bytes & 3) != 0) {
      page.split();
    }
    int first = (offset & PAGE - 1) >> page.shift;
    int last = ((offset & PAGE - 1) + bytes - 1) >> page.shift;
    for (int unit = first; unit <= last; unit++) {
      checks.touch(page.touches, 2 * unit, store, thread, offset);
    }
  }
}
