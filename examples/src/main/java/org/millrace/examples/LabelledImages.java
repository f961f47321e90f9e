package org.millrace.examples;

import java.lang.foreign.MemorySegment;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * Images and what is on them.
 *
 * @param images uint8, a row of pixels for each image
 * @param labels uint8, the class of each image
 */
public record LabelledImages(NDArray images, NDArray labels) {
  /** The number of images. */
  public int count() {
    return Math.toIntExact(labels.elements());
  }

  /** The images of numbers {@code order[from]} to {@code order[to - 1]}, copied. */
  public LabelledImages batch(int[] order, int from, int to) {
    int size = to - from;
    long width = images.shape().dim(1);
    byte[] pixels = new byte[Math.toIntExact(size * width)];
    byte[] classes = new byte[size];
    var target = MemorySegment.ofArray(pixels);
    for (int i = 0; i < size; i++) {
      int image = order[from + i];
      MemorySegment.copy(images.segment(), image * width, target, i * width, width);
      classes[i] = (byte) labels.getLong(image);
    }
    return new LabelledImages(
        NDArray.wrap(DType.UINT8, Shape.of(size, width), target),
        NDArray.wrap(DType.UINT8, Shape.of(size), MemorySegment.ofArray(classes)));
  }
}
