package org.millrace.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Scope;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.session.Feeds;
import org.millrace.session.RandomGraph;
import org.millrace.session.RunException;
import org.millrace.session.Session;

/**
 * Random graphs give the same bits, the same values of variables and failures alike on a device,
 * whether kernels are fused or not. Another start than the usual is set by {@code
 * -Dmillrace.fuzz.seed}, and the number of graphs by {@code -Dmillrace.fuzz.graphs}. A backend has
 * a subclass that names its device.
 */
public abstract class FusionConformance {
  private static final long FIRST_SEED = Long.getLong("millrace.fuzz.seed", 2000);

  /** The device string under which nodes ask for the device. */
  protected abstract String deviceName();

  /** A session that has the device. */
  protected abstract Session open(Graph graph, boolean fusion);

  /** How many graphs are tried. */
  protected abstract int graphs();

  /** How many nodes a graph has. */
  protected abstract int nodes();

  @Test
  void fusedEqualsUnfused() {
    int graphs = Integer.getInteger("millrace.fuzz.graphs", graphs());
    System.out.println(graphs + " random graphs from seed " + FIRST_SEED);
    for (long seed = FIRST_SEED; seed < FIRST_SEED + graphs; seed++) {
      compare(seed);
    }
  }

  private void compare(long seed) {
    RandomGraph random;
    Graph graph = new Graph();
    try (Scope _ = graph.device(deviceName())) {
      random = new RandomGraph(graph, seed, nodes(), seed % 2 == 0);
    }
    Operation init = random.initializer();
    Session fused = open(graph, true);
    Session unfused = open(graph, false);
    try (fused;
        unfused) {
      unfused.run(init);
      fused.run(init);
      for (List<Tensor> fetches : requests(random, seed)) {
        String what = "seed " + seed + ", fetches " + fetches;
        Object expected = run(unfused, fetches, random.feeds(), what);
        Object actual = run(fused, fetches, random.feeds(), what);
        if (expected instanceof RunException || actual instanceof RunException) {
          assertTrue(
              expected instanceof RunException && actual instanceof RunException,
              () -> what + ": unfused " + expected + ", fused " + actual);
          // Which of several faults is reported, and what was reached before it, is left open.
          break;
        }
        assertSame((List<?>) expected, (List<?>) actual, fetches, what);
      }
    }
    for (Session session : List.of(fused, unfused)) {
      session
          .statistics()
          .forEach((device, statistics) -> assertEquals(0, statistics.bytesInUse(), device));
    }
  }

  private static List<List<Tensor>> requests(RandomGraph random, long seed) {
    Random chooser = new Random(seed);
    List<Tensor> variables = random.variables().stream().map(Variable::asTensor).toList();
    List<List<Tensor>> requests = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      requests.add(random.someTensors(chooser));
      requests.add(variables);
    }
    requests.add(random.tensors());
    requests.add(variables);
    return requests;
  }

  private static Object run(Session session, List<Tensor> fetches, Feeds feeds, String what) {
    try {
      return List.copyOf(session.run(fetches, feeds));
    } catch (RunException e) {
      return e;
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  private static void assertSame(
      List<?> expected, List<?> actual, List<Tensor> fetches, String what) {
    for (int i = 0; i < expected.size(); i++) {
      int number = i;
      assertEquals(
          expected.get(i), actual.get(i), () -> what + ": " + fetches.get(number) + " differs");
    }
  }
}
