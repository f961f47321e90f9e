package org.millrace.session;

import java.util.Arrays;
import java.util.Map;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * The values given to a run, by tensor: what {@code feed_dict} is in Python. Any tensor may be fed.
 *
 * <p>A value is an {@link NDArray}, a boxed scalar, a string, a nested Java array or a nested list;
 * it is converted to the tensor's type when that loses nothing.
 */
public final class Feeds {
  private static final Feeds NONE = new Feeds(new Tensor[0], new NDArray[0]);

  final Tensor[] tensors;
  final NDArray[] values;

  private Feeds(Tensor[] tensors, NDArray[] values) {
    this.tensors = tensors;
    this.values = values;
  }

  /** No feeds. */
  public static Feeds none() {
    return NONE;
  }

  /** One value. */
  public static Feeds of(TensorLike tensor, Object value) {
    return none().and(tensor, value);
  }

  /** Two values. */
  public static Feeds of(TensorLike a, Object valueOfA, TensorLike b, Object valueOfB) {
    Tensor first = a.asTensor();
    Tensor second = b.asTensor();
    if (first == second) {
      throw fedTwice(first);
    }
    return new Feeds(
        new Tensor[] {first, second},
        new NDArray[] {convert(first, valueOfA), convert(second, valueOfB)});
  }

  /** Every entry of {@code values}. */
  public static Feeds of(Map<? extends TensorLike, ?> values) {
    Feeds feeds = none();
    for (Map.Entry<? extends TensorLike, ?> entry : values.entrySet()) {
      feeds = feeds.and(entry.getKey(), entry.getValue());
    }
    return feeds;
  }

  /**
   * These feeds and one more.
   *
   * @throws OpException if the tensor is fed already, or the value does not fit its type or shape
   */
  public Feeds and(TensorLike key, Object value) {
    Tensor tensor = key.asTensor();
    for (Tensor fed : tensors) {
      if (fed == tensor) {
        throw fedTwice(tensor);
      }
    }
    Tensor[] moreTensors = Arrays.copyOf(tensors, tensors.length + 1);
    NDArray[] moreValues = Arrays.copyOf(values, values.length + 1);
    moreTensors[tensors.length] = tensor;
    moreValues[tensors.length] = convert(tensor, value);
    return new Feeds(moreTensors, moreValues);
  }

  static OpException fedTwice(Tensor tensor) {
    return new OpException(
        "Endpoint \"%s\" fed more than once. (%s)".formatted(tensor.name(), node(tensor)));
  }

  private static NDArray convert(Tensor tensor, Object value) {
    if (value instanceof TensorLike fed) {
      throw new OpException(
          "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Java"
              + " scalars, strings, lists, arrays, or NDArrays. For reference, the tensor object was "
              + fed.asTensor()
              + " which was passed to the feed with key "
              + tensor
              + ".");
    }
    NDArray array;
    if (value instanceof Float number && tensor.dtype() == DType.FLOAT32) {
      array = NDArray.scalar(number);
    } else if (value instanceof NDArray given && given.dtype() == tensor.dtype()) {
      array = given;
    } else {
      array = arrayOf(tensor, value);
    }
    Shape shape = tensor.shape();
    if (!shape.isCompatibleWith(array.shape())) {
      throw new OpException(
          "Cannot feed value of shape %s for Tensor '%s', which has shape '%s' (%s)"
              .formatted(array.shape(), tensor.name(), shape, node(tensor)));
    }
    return array;
  }

  private static NDArray arrayOf(Tensor tensor, Object value) {
    if (value == null) {
      throw new OpException(
          "Cannot feed null for Tensor '%s' (%s)".formatted(tensor.name(), node(tensor)));
    }
    try {
      return NDArray.of(value, tensor.dtype());
    } catch (IllegalArgumentException e) {
      throw new OpException(
          "%s (feed for Tensor '%s'; %s)".formatted(e.getMessage(), tensor.name(), node(tensor)),
          e);
    }
  }

  private static String node(Tensor tensor) {
    return "%s '%s' was built at %s"
        .formatted(tensor.op().type(), tensor.op().name(), tensor.op().site());
  }

  @Override
  public String toString() {
    return Arrays.toString(tensors);
  }
}
