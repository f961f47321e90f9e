package org.millrace.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.millrace.catalog.Declaration;
import org.millrace.graph.Graph;
import org.millrace.graph.Tensor;
import org.millrace.kernel.HostCall;
import org.millrace.op.Inferences;
import org.millrace.ops.Ops;
import org.millrace.tensor.DType;

/** Closing a session by what its own run calls; a wait for itself would end at the time limit. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CloseTests {
  private static final String REFUSED =
      "A Session cannot be closed by what one of its runs calls; close it when the run has"
          + " returned.";

  private final Graph graph = new Graph();
  private final Ops tf = Ops.on(graph);
  private final ReferenceDevice cpu = new ReferenceDevice("CPU");
  private final Tensor two = tf.constant(2f);

  private Session session() {
    return new Session(graph, SessionConfig.defaults(), List.of(cpu));
  }

  /** A node whose value is {@link #two}'s, and which does {@code effect} when it is run. */
  private Tensor calling(Runnable effect) {
    HostCall call =
        inputs -> {
          effect.run();
          return inputs;
        };
    Declaration calling =
        Declaration.op("Calling")
            .input("x", DType.FLOAT32)
            .output("y", DType.FLOAT32)
            .infer(Inferences.sameAs(0))
            .lower(
                (node, program) ->
                    program.output(
                        0,
                        program
                            .host(() -> call, List.of(program.input(0)), node.outputs())
                            .getFirst()))
            .hostOnly()
            .stateful()
            .define();
    return tf.apply(calling, two);
  }

  @Test
  void aRunThatClosesItsOwnSessionIsRefusedAndTheSessionGoesOn() {
    Session session = session();
    Tensor closing = calling(session::close);
    RunException e = assertThrows(RunException.class, () -> session.run(closing));
    assertTrue(e.getMessage().startsWith(REFUSED + "\n\t [[Node: Calling = "), e.getMessage());
    assertEquals(IllegalStateException.class, e.getCause().getClass());
    assertEquals(2f, session.run(two).scalarFloat());
    assertThrows(RunException.class, () -> session.run(closing));
    session.close();
    assertEquals(0, cpu.bytesInUse());
  }

  @Test
  void aRunWithinARunIsStillInsideTheOuterOne() {
    Session session = session();
    Tensor closing =
        calling(
            () -> {
              assertEquals(2f, session.run(two).scalarFloat());
              session.close();
            });
    RunException e = assertThrows(RunException.class, () -> session.run(closing));
    assertTrue(e.getMessage().startsWith(REFUSED), e.getMessage());
    session.close();
    assertEquals(0, cpu.bytesInUse());
  }

  @Test
  void aRunMayCloseAnotherSession() {
    Session other = session();
    other.run(two);
    Session session = session();
    assertEquals(2f, session.run(calling(other::close)).scalarFloat());
    assertThrows(IllegalStateException.class, () -> other.run(two));
    session.close();
    assertEquals(0, cpu.bytesInUse());
  }
}
