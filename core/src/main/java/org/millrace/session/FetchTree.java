package org.millrace.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.millrace.graph.Graph;
import org.millrace.graph.GraphElement;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.OpException;
import org.millrace.tensor.NDArray;

/** A nested structure of fetches: what it needs, and how results take its form. */
final class FetchTree {
  private final Graph graph;
  private final Set<Tensor> tensors = new LinkedHashSet<>();
  private final Set<Operation> targets = new LinkedHashSet<>();
  private final Object fetches;

  FetchTree(Graph graph, Object fetches) {
    this.graph = graph;
    this.fetches = fetches;
    collect(fetches);
  }

  /**
   * For a list without nesting, the number of each fetch's tensor, −1 for an operation; else null.
   */
  int[] positions() {
    if (!(fetches instanceof List<?> list)
        || list.stream().anyMatch(fetch -> fetch instanceof List || fetch instanceof Map)) {
      return null;
    }
    List<Tensor> numbered = tensors();
    return list.stream()
        .mapToInt(
            fetch -> element(graph, fetch) instanceof Tensor tensor ? numbered.indexOf(tensor) : -1)
        .toArray();
  }

  /** The tensors to fetch, each once. */
  List<Tensor> tensors() {
    return List.copyOf(tensors);
  }

  /** The operations to run. */
  List<Operation> targets() {
    return List.copyOf(targets);
  }

  private void collect(Object fetch) {
    switch (fetch) {
      case List<?> list -> list.forEach(this::collect);
      case Map<?, ?> map -> map.values().forEach(this::collect);
      case null, default -> {
        switch (element(graph, fetch)) {
          case Tensor tensor -> tensors.add(tensor);
          case Operation op -> targets.add(op);
        }
      }
    }
  }

  /** The results in the form of {@code fetch}. */
  Object shape(Object fetch, NDArray[] values) {
    return switch (fetch) {
      case List<?> list -> {
        List<Object> shaped = new ArrayList<>();
        list.forEach(element -> shaped.add(shape(element, values)));
        yield Collections.unmodifiableList(shaped);
      }
      case Map<?, ?> map -> {
        Map<Object, Object> shaped = new LinkedHashMap<>();
        map.forEach((key, element) -> shaped.put(key, shape(element, values)));
        yield Collections.unmodifiableMap(shaped);
      }
      default ->
          element(graph, fetch) instanceof Tensor tensor ? values[tensors().indexOf(tensor)] : null;
    };
  }

  /**
   * The tensor or operation that {@code fetch} is or names.
   *
   * @throws OpException with TensorFlow's text if it is neither, or belongs to another graph
   */
  static GraphElement element(Graph graph, Object fetch) {
    GraphElement element =
        switch (fetch) {
          case Operation op -> op;
          case TensorLike tensor -> tensor.asTensor();
          case String name -> named(graph, name);
          case null ->
              throw new OpException(
                  "Fetch argument null has invalid type null, must be a string or Tensor.");
          default ->
              throw new OpException(
                  "Fetch argument %s has invalid type %s, must be a string or Tensor. (Can not convert a %s into a Tensor or Operation.)"
                      .formatted(
                          fetch,
                          fetch.getClass().getSimpleName(),
                          fetch.getClass().getSimpleName()));
        };
    if (element.graph() != graph) {
      throw new OpException(
          "Fetch argument %s cannot be interpreted as a Tensor. (%s %s is not an element of this graph; it was built at %s.)"
              .formatted(
                  element,
                  element instanceof Tensor ? "Tensor" : "Operation",
                  element.name(),
                  element.op().site()));
    }
    return element;
  }

  private static GraphElement named(Graph graph, String name) {
    try {
      return graph.asGraphElement(name);
    } catch (IllegalArgumentException e) {
      throw new OpException(
          "Fetch argument '%s' cannot be interpreted as a Tensor. (%s)"
              .formatted(name, e.getMessage()),
          e);
    }
  }
}
