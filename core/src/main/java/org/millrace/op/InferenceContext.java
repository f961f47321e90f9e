package org.millrace.op;

import java.util.List;
import java.util.Optional;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;
import org.millrace.tensor.TensorSpec;

/**
 * What is known of a node when its outputs are inferred: when it is built, with shapes that may be
 * unknown, and again before it runs, with the shapes that were fed.
 */
public interface InferenceContext {
  /** The flat list of inputs; the tensors of a list argument follow each other. */
  List<TensorSpec> inputs();

  /** The node's attributes, defaults filled in. */
  Attributes attributes();

  /** The value of an input if it is known, as a constant or because it follows from shapes. */
  Optional<NDArray> constant(int input);

  /**
   * The shape that the value of an integer vector input describes, as far as it is known.
   *
   * @throws OpException if it has a dimension less than −1, which stands for an unknown one
   */
  default Shape shapeValue(int input) {
    Optional<NDArray> value = constant(input);
    if (value.isPresent()) {
      long[] dims = value.get().toLongs();
      for (long dim : dims) {
        if (dim < Shape.UNKNOWN) {
          throw new OpException("Dimension %d must be >= 0".formatted(dim));
        }
      }
      return Shape.of(dims);
    }
    Shape vector = shape(input);
    return vector.hasRank() && vector.rank() == 1 && vector.dim(0) != Shape.UNKNOWN
        ? Shape.unknownOfRank((int) vector.dim(0))
        : Shape.unknown();
  }

  /** The shape of an input. */
  default Shape shape(int input) {
    return inputs().get(input).shape();
  }

  /** The element type of an input. */
  default DType dtype(int input) {
    return inputs().get(input).dtype();
  }
}
