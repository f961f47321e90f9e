package org.millrace.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.millrace.catalog.Nodes;

class DefaultGraphTests {
  @Test
  void graphsReplaceTheDefaultForOneThread() {
    Graph root = Graph.getDefault();
    Graph first = new Graph();
    Graph second = new Graph();
    try (Scope _ = first.asDefault()) {
      assertSame(first, Graph.getDefault());
      try (Scope _ = second.asDefault()) {
        assertSame(second, Graph.getDefault());
      }
      assertSame(first, Graph.getDefault());
      assertSame(root, CompletableFuture.supplyAsync(Graph::getDefault).join());
    }
    assertSame(root, Graph.getDefault());
  }

  @Test
  void defaultIsResetAtTheRootOnly() {
    Graph before = Graph.getDefault();
    try (Scope _ = new Graph().asDefault()) {
      assertThrows(IllegalStateException.class, Graph::resetDefault);
    }
    Graph.resetDefault();
    assertNotSame(before, Graph.getDefault());
    assertSame(Graph.getDefault(), CompletableFuture.supplyAsync(Graph::getDefault).join());
  }

  @Test
  void finalizedGraphIsNotModified() {
    Graph graph = new Graph();
    Nodes tf = Nodes.on(graph);
    Tensor x = tf.constant(1);
    graph.finalizeGraph();
    assertTrue(graph.isFinalized());
    for (Runnable change :
        List.<Runnable>of(
            () -> tf.constant(1), () -> x.add(1), () -> graph.addToCollection("c", 1))) {
      assertEquals(
          "Graph is finalized and cannot be modified.",
          assertThrows(IllegalStateException.class, change::run).getMessage());
    }
    assertEquals(1, graph.operationCount());
    assertSame(x, graph.getTensorByName("Const:0"));
  }

  @Test
  void collectionsKeepTheirOrder() {
    Graph graph = new Graph();
    assertEquals(List.of(), graph.getCollection("c"));
    graph.addToCollection("c", "one");
    graph.addToCollection("c", 2);
    graph.addToCollection("c", "three");
    assertEquals(List.of("one", 2, "three"), graph.getCollection("c"));
    assertEquals(List.of("one", "three"), graph.getCollection("c", String.class));
    assertThrows(UnsupportedOperationException.class, () -> graph.getCollection("c").add("four"));
  }

  @Test
  void seedIsKept() {
    Graph graph = new Graph();
    assertEquals(OptionalLong.empty(), graph.seed());
    graph.setSeed(42);
    assertEquals(OptionalLong.of(42), graph.seed());
  }

  @Test
  void threadsBuildOneGraphEachInScopesOfItsOwn() throws Exception {
    Graph graph = new Graph();
    int threads = 4;
    int nodes = 300;
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> running =
          IntStream.range(0, threads)
              .<Future<?>>mapToObj(number -> pool.submit(() -> build(graph, number, nodes)))
              .toList();
      for (Future<?> each : running) {
        each.get();
      }
    }
    List<Operation> operations = graph.operations();
    assertEquals(threads * nodes * 2, operations.size());
    Set<String> names = new HashSet<>();
    Set<Integer> tensors = new HashSet<>();
    for (int i = 0; i < operations.size(); i++) {
      assertEquals(i, operations.get(i).id());
      assertTrue(names.add(operations.get(i).name()));
      assertTrue(tensors.add(operations.get(i).output(0).id()));
    }
  }

  private static void build(Graph graph, int number, int nodes) {
    Nodes tf = Nodes.on(graph);
    String device = "/device:GPU:" + number;
    for (int i = 0; i < nodes; i++) {
      Tensor shared = tf.constant(i);
      assertTrue(shared.op().device().isEmpty());
      try (Scope _ = graph.device(device);
          NameScope scope = graph.nameScope("thread")) {
        Tensor own = tf.neg(shared);
        assertEquals(device, own.op().device().toString());
        assertEquals(scope.name() + "Neg", own.op().name());
      }
    }
  }
}
