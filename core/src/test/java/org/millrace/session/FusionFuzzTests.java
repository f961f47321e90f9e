package org.millrace.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;

/**
 * Random graphs give the same bits, the same values of variables and failures alike, whether
 * kernels are fused or not. Another start than the usual is set by {@code -Dmillrace.fuzz.seed},
 * and the number of graphs by {@code -Dmillrace.fuzz.graphs}.
 */
class FusionFuzzTests {
  private static final long FIRST_SEED = Long.getLong("millrace.fuzz.seed", 2000);
  private static final int GRAPHS = Integer.getInteger("millrace.fuzz.graphs", 40);
  private static final int NODES = 30;

  @Test
  void fusedEqualsUnfused() {
    System.out.println("Random graphs from seed " + FIRST_SEED);
    for (long seed = FIRST_SEED; seed < FIRST_SEED + GRAPHS; seed++) {
      compare(seed);
    }
  }

  private static void compare(long seed) {
    RandomGraph random = new RandomGraph(seed, NODES, seed % 2 == 0);
    Operation init = random.initializer();
    ReferenceDevice cpu = new ReferenceDevice("CPU");
    SessionConfig config = SessionConfig.defaults();
    try (Session fused = new Session(random.graph(), config, List.of(cpu));
        Session unfused = new Session(random.graph(), config.fusion(false), List.of(cpu))) {
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
    assertEquals(0, cpu.bytesInUse(), "seed " + seed);
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
