package org.millrace.tensor;

/** The texts of TensorFlow's print operations. */
public final class TensorText {
  private TensorText() {}

  /** The text of {@code Print}. */
  public static String print(NDArray array, int summarize) {
    throw new UnsupportedOperationException();
  }

  /** The text of {@code PrintV2}. */
  public static String printV2(NDArray array, int summarize) {
    throw new UnsupportedOperationException();
  }
}
