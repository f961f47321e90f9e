package org.millrace.session;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.millrace.graph.Graph;
import org.millrace.graph.GraphElement;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.op.OpException;

/**
 * What identifies a request among those of a session: the structure of its fetches and its feeds in
 * the order given, as numbers. Made anew for each run, so it is kept small.
 */
final class Signature {
  private static final int OPEN_LIST = -1;
  private static final int OPEN_MAP = -2;
  private static final int CLOSE = -3;
  private static final int FEEDS = -4;

  private int[] words = new int[8];
  private int length;
  private int hash;

  private Signature() {}

  /** The signature of one tensor. */
  static Signature of(Graph graph, Tensor fetch, Tensor[] feeds) {
    Signature signature = new Signature();
    signature.add(FetchTree.element(graph, fetch));
    return signature.end(graph, feeds);
  }

  /** The signature of a structure. */
  static Signature of(Graph graph, List<?> fetches, Tensor[] feeds) {
    Signature signature = new Signature();
    signature.addStructure(graph, fetches);
    return signature.end(graph, feeds);
  }

  private void addStructure(Graph graph, Object fetch) {
    switch (fetch) {
      case List<?> list -> {
        push(OPEN_LIST);
        for (int i = 0; i < list.size(); i++) {
          addStructure(graph, list.get(i));
        }
        push(CLOSE);
      }
      case Map<?, ?> map -> {
        push(OPEN_MAP);
        map.values().forEach(value -> addStructure(graph, value));
        push(CLOSE);
      }
      case null, default -> add(FetchTree.element(graph, fetch));
    }
  }

  private void add(GraphElement element) {
    switch (element) {
      case Tensor tensor -> push(2 * tensor.id());
      case Operation op -> push(2 * op.id() + 1);
    }
  }

  private Signature end(Graph graph, Tensor[] feeds) {
    push(FEEDS);
    for (Tensor feed : feeds) {
      if (feed.graph() != graph) {
        throw new OpException(
            "Cannot interpret feed_dict key as Tensor: Tensor %s is not an element of this graph (it was built at %s)."
                .formatted(feed, feed.op().site()));
      }
      push(feed.id());
    }
    int code = 1;
    for (int i = 0; i < length; i++) {
      code = 31 * code + words[i];
    }
    hash = code;
    return this;
  }

  private void push(int word) {
    if (length == words.length) {
      words = Arrays.copyOf(words, 2 * length);
    }
    words[length++] = word;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Signature that
        && hash == that.hash
        && Arrays.equals(words, 0, length, that.words, 0, that.length);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
