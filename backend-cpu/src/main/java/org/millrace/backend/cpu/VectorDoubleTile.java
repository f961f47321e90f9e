package org.millrace.backend.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** A tile of four rows and two vectors, in eight accumulators. */
final class VectorDoubleTile implements DoubleTile {
  private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;
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
  public void compute(int depth, double[] a, int fromA, double[] b, int fromB, double[] tile) {
    DoubleVector c00 = DoubleVector.zero(SPECIES);
    DoubleVector c01 = DoubleVector.zero(SPECIES);
    DoubleVector c10 = DoubleVector.zero(SPECIES);
    DoubleVector c11 = DoubleVector.zero(SPECIES);
    DoubleVector c20 = DoubleVector.zero(SPECIES);
    DoubleVector c21 = DoubleVector.zero(SPECIES);
    DoubleVector c30 = DoubleVector.zero(SPECIES);
    DoubleVector c31 = DoubleVector.zero(SPECIES);
    int atA = fromA;
    int atB = fromB;
    for (int p = 0; p < depth; p++) {
      DoubleVector left = DoubleVector.fromArray(SPECIES, b, atB);
      DoubleVector right = DoubleVector.fromArray(SPECIES, b, atB + LANES);
      DoubleVector a0 = DoubleVector.broadcast(SPECIES, a[atA]);
      c00 = a0.fma(left, c00);
      c01 = a0.fma(right, c01);
      DoubleVector a1 = DoubleVector.broadcast(SPECIES, a[atA + 1]);
      c10 = a1.fma(left, c10);
      c11 = a1.fma(right, c11);
      DoubleVector a2 = DoubleVector.broadcast(SPECIES, a[atA + 2]);
      c20 = a2.fma(left, c20);
      c21 = a2.fma(right, c21);
      DoubleVector a3 = DoubleVector.broadcast(SPECIES, a[atA + 3]);
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
