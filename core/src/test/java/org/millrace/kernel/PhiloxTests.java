package org.millrace.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.tensor.DType;

class PhiloxTests {
  private static long[] block(long key, long low, long high) {
    long[] words = new long[4];
    for (int i = 0; i < 4; i++) {
      int word = i;
      words[i] =
          Scalars.map(
              DType.INT64,
              x -> Philox.block(x.get(0), x.get(1), x.get(2)).get(word),
              new long[] {key},
              new long[] {low},
              new long[] {high})[0];
    }
    return words;
  }

  @Test
  void blockOfZerosIsTheKnownAnswer() {
    assertArrayEquals(
        new long[] {0x6627e8d5L, 0xe169c58dL, 0xbc57ac4cL, 0x9b00dbd8L}, block(0, 0, 0));
  }

  @Test
  void blockOfOnesIsTheKnownAnswerOfTheRandom123Library() {
    assertArrayEquals(
        new long[] {0x408f276dL, 0x41c83b0eL, 0xa20bc7c6L, 0x6d5451fdL}, block(-1, -1, -1));
  }

  @Test
  void blockOfPiIsTheKnownAnswerOfTheRandom123Library() {
    assertArrayEquals(
        new long[] {0xd16cfe09L, 0x94fdccebL, 0x5001e420L, 0x24126ea1L},
        block(0x299f31d0a4093822L, 0x85a308d3243f6a88L, 0x0370734413198a2eL));
  }

  @Test
  void uniformIsTensorFlows() {
    float[] expected = {0.6645621f, 0.44100678f, 0.3528825f, 0.46448255f};
    for (int i = 0; i < 4; i++) {
      int word = i;
      long[] bits =
          Scalars.map(
              DType.INT64,
              x -> {
                Expr bitsOfWord = Philox.block(x.get(0), x.get(1), x.get(2)).get(word);
                return Philox.uniform(DType.FLOAT32, List.of(bitsOfWord));
              },
              new long[] {42},
              new long[] {0},
              new long[] {478163327});
      assertEquals(expected[i], Float.intBitsToFloat((int) bits[0]));
    }
  }

  @Test
  void uniformOfTheGreatestWordsIsBelowOne() {
    for (DType type : List.of(DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64)) {
      Expr ones = Scalar.integer(DType.UINT32, 0xFFFFFFFFL);
      long[] bits =
          Scalars.map(type, _ -> Philox.uniform(type, List.of(ones, ones)), new long[] {0});
      int fraction = type == DType.FLOAT64 ? 52 : type == DType.FLOAT32 ? 23 : 10;
      fraction = type == DType.BFLOAT16 ? 7 : fraction;
      assertEquals(1 - Math.scalb(1.0, -fraction), Bits.toDouble(type, bits[0]));
    }
  }
}
