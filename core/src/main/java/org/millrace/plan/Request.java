package org.millrace.plan;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;

/**
 * What a run is asked for.
 *
 * @param fetches the tensors whose values are wanted; no duplicates, none of them fed
 * @param targets the operations that are to run though nothing of them is fetched
 * @param feeds the tensors whose values are given
 */
public record Request(List<Tensor> fetches, List<Operation> targets, Set<Tensor> feeds) {
  public Request {
    fetches = List.copyOf(fetches);
    targets = List.copyOf(targets);
    feeds = java.util.Collections.unmodifiableSet(new LinkedHashSet<>(feeds));
  }
}
