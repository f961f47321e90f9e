package org.millrace.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** A tile of four rows and two vectors, in eight accumulators. */
final class VectorFloatTile implements FloatTile {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int ROWS = 4;
  private static final int COLUMNS = 2 * LANES;

  @Override
  public int rows() {
    return ROWS;
  }

  @Override
  public int columns() {
    return COLUMNS;
  }

  @Override
  public void compute(int depth, float[] a, int fromA, float[] b, int fromB, float[] tile) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
    int atA = fromA;
    int atB = fromB;
    for (int p = 0; p < depth; p++) {
      FloatVector left = FloatVector.fromArray(SPECIES, b, atB);
      FloatVector right = FloatVector.fromArray(SPECIES, b, atB + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[atA]);
      c00 = a0.fma(left, c00);
      c01 = a0.fma(right, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[atA + 1]);
      c10 = a1.fma(left, c10);
      c11 = a1.fma(right, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[atA + 2]);
      c20 = a2.fma(left, c20);
      c21 = a2.fma(right, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[atA + 3]);
      c30 = a3.fma(left, c30);
      c31 = a3.fma(right, c31);
      atA += ROWS;
      atB += COLUMNS;
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, LANES);
    c10.intoArray(tile, COLUMNS);
    c11.intoArray(tile, COLUMNS + LANES);
    c20.intoArray(tile, 2 * COLUMNS);
    c21.intoArray(tile, 2 * COLUMNS + LANES);
    c30.intoArray(tile, 3 * COLUMNS);
    c31.intoArray(tile, 3 * COLUMNS + LANES);
  }
}
