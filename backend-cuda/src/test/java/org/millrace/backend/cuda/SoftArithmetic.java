package org.millrace.backend.cuda;

import java.util.Random;

/** One arithmetic instruction on many values, which are bits in longs whatever their type. */
final class SoftArithmetic {
  private SoftArithmetic() {}

  /**
   * Executes {@code opcode} on every element of {@code inputs}.
   *
   * @param registers the kinds of its operands, the result first: {@code h r l} for integers of 16,
   *     32 and 64 bits, {@code f d} for floating-point values, {@code p} for a predicate, which
   *     becomes 0 or 1
   */
  static long[] run(String opcode, String registers, long[]... inputs) {
    int count = inputs[0].length;
    StringBuilder body =
        new StringBuilder(
            """
            mov.u32 %r40, %ctaid.x;
            mov.u32 %r41, %tid.x;
            mad.lo.u32 %r40, %r40, 32, %r41;
            setp.ge.u32 %p9, %r40, COUNT;
            @%p9 bra DONE;
            mul.wide.u32 %rd40, %r40, 8;
            """
                .replace("COUNT", String.valueOf(count)));
    StringBuilder operands = new StringBuilder(name(registers.charAt(0), 5));
    for (int i = 0; i < inputs.length; i++) {
      char kind = registers.charAt(1 + i);
      body.append("add.s64 %rd41, %rd").append(i).append(", %rd40;\n");
      if (kind == 'p') {
        body.append("ld.global.u32 %r42, [%rd41];\nsetp.ne.u32 ").append(name(kind, 6 + i));
        body.append(", %r42, 0;\n");
      } else {
        body.append("ld.global").append(memoryType(kind)).append(' ').append(name(kind, 6 + i));
        body.append(", [%rd41];\n");
      }
      operands.append(", ").append(name(kind, 6 + i));
    }
    char result = registers.charAt(0);
    body.append(opcode).append(' ').append(operands).append(";\n");
    body.append("add.s64 %rd41, %rd").append(inputs.length).append(", %rd40;\n");
    if (result == 'p') {
      body.append("selp.u64 %rd42, 1, 0, ").append(name('p', 5)).append(";\n");
      body.append("st.global.u64 [%rd41], %rd42;\n");
    } else {
      body.append("mov.u64 %rd42, 0;\nst.global.u64 [%rd41], %rd42;\n");
      body.append("st.global").append(memoryType(result)).append(" [%rd41], ");
      body.append(name(result, 5)).append(";\n");
    }
    body.append("DONE:\nret;\n");
    try (SoftRig rig = new SoftRig()) {
      long[] addresses = new long[inputs.length + 1];
      for (int i = 0; i < inputs.length; i++) {
        addresses[i] = rig.upload(inputs[i]);
      }
      addresses[inputs.length] = rig.allocate(8L * count);
      String ptx = SoftRig.kernel(inputs.length + 1, body.toString());
      rig.launch(ptx, (count + 31) / 32, 32, addresses);
      return rig.longs(addresses[inputs.length], count);
    }
  }

  private static String name(char kind, int number) {
    return "%" + (kind == 'l' ? "rd" : String.valueOf(kind)) + number;
  }

  private static String memoryType(char kind) {
    return switch (kind) {
      case 'h' -> ".u16";
      case 'r' -> ".u32";
      case 'f' -> ".f32";
      case 'd' -> ".f64";
      default -> ".u64";
    };
  }

  private static final float[] FLOATS = {
    0f,
    -0f,
    1f,
    -1f,
    0.5f,
    -0.5f,
    1.5f,
    2.5f,
    -2.5f,
    3.5f,
    0.1f,
    (float) Math.PI,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    0x0.fffffep-126f,
    Float.MIN_NORMAL,
    Math.nextUp(1f),
    Math.nextDown(1f),
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    0x1p24f,
    0x1.fffffep30f,
    0x1p31f,
    -0x1p31f,
    0x1p63f,
    -0x1p63f,
    0x1p64f,
    127.5f,
    255.5f,
    -128.5f,
    65504f,
    65520f,
    0x1p-25f,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN
  };

  /** The bits of f32 values of every kind, and of {@code more} chosen by chance. */
  static long[] floats(Random random, int more) {
    long[] bits = new long[FLOATS.length + more];
    for (int i = 0; i < bits.length; i++) {
      int each = i < FLOATS.length ? Float.floatToRawIntBits(FLOATS[i]) : random.nextInt();
      bits[i] = each & 0xFFFF_FFFFL;
    }
    return bits;
  }

  /** The bits of f64 values of every kind, and of {@code more} chosen by chance. */
  static long[] doubles(Random random, int more) {
    double[] special = {
      Double.MIN_VALUE,
      Double.MAX_VALUE,
      Math.nextUp(1.0),
      0x1p53,
      0x1.fffffffffffffp62,
      1 + 0x1p-11 + 0x1p-40,
      1 + 0x1p-24 + 0x1p-50,
      0x1p-150,
      9.5e18,
      -9.5e18,
      1.9e19,
      65519.999
    };
    long[] bits = new long[FLOATS.length + special.length + more];
    for (int i = 0; i < bits.length; i++) {
      bits[i] =
          i < FLOATS.length
              ? Double.doubleToRawLongBits(FLOATS[i])
              : i < FLOATS.length + special.length
                  ? Double.doubleToRawLongBits(special[i - FLOATS.length])
                  : random.nextLong();
    }
    return bits;
  }

  /** The bits of integers of every kind, and of {@code more} chosen by chance. */
  static long[] integers(Random random, int bits, int more) {
    long mask = -1L >>> 64 - bits;
    long[] special = {
      0,
      1,
      -1,
      2,
      -2,
      3,
      7,
      8,
      15,
      16,
      31,
      32,
      33,
      63,
      64,
      65,
      100,
      127,
      128,
      255,
      256,
      32767,
      32768,
      65535,
      65536,
      Integer.MAX_VALUE,
      Integer.MIN_VALUE,
      0xFFFF_FFFFL,
      1L << 32,
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      1L << bits - 1,
      (1L << bits - 1) - 1,
      0x1234_5678_9ABC_DEF1L
    };
    long[] values = new long[special.length + more];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i < special.length ? special[i] : random.nextLong()) & mask;
    }
    return values;
  }

  /** Every value of {@code a} with every one of {@code b}: what of {@code a}, if first. */
  static long[] pairs(long[] a, long[] b, boolean first) {
    long[] all = new long[a.length * b.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = first ? a[i / b.length] : b[i % b.length];
    }
    return all;
  }
}
