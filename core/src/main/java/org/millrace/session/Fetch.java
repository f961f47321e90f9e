package org.millrace.session;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.millrace.graph.TensorLike;
import org.millrace.tensor.NDArray;

/**
 * Fetches that fill an object of the caller's.
 *
 * @param tensors what is fetched
 * @param maker makes the result from the values, in the order of the tensors
 * @param <R> the result
 */
public record Fetch<R>(List<TensorLike> tensors, Function<List<NDArray>, R> maker) {
  public Fetch {
    tensors = List.copyOf(tensors);
  }

  /** One tensor. */
  public static <R> Fetch<R> of(TensorLike a, Function<NDArray, R> maker) {
    return new Fetch<>(List.of(a), values -> maker.apply(values.getFirst()));
  }

  /** Two tensors. */
  public static <R> Fetch<R> of(TensorLike a, TensorLike b, BiFunction<NDArray, NDArray, R> maker) {
    return new Fetch<>(List.of(a, b), values -> maker.apply(values.get(0), values.get(1)));
  }

  /** Three tensors. */
  public static <R> Fetch<R> of(TensorLike a, TensorLike b, TensorLike c, ThreeArrays<R> maker) {
    return new Fetch<>(
        List.of(a, b, c), values -> maker.apply(values.get(0), values.get(1), values.get(2)));
  }

  /**
   * Makes an object from three values.
   *
   * @param <R> the object
   */
  @FunctionalInterface
  public interface ThreeArrays<R> {
    R apply(NDArray a, NDArray b, NDArray c);
  }
}
