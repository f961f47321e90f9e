package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.millrace.codegen.Grid;
import org.millrace.codegen.GridMemory;
import org.millrace.codegen.GridOp;
import org.millrace.codegen.GridProgram;
import org.millrace.codegen.GridStatement;
import org.millrace.codegen.GridValue;
import org.millrace.tensor.DType;

class PtxVectorTests {
  private static final long SEED = 20261124;
  private static final int GROUP = 32;

  record Vector(DType type, int length) {
    int bytes() {
      return length * type.bytes();
    }
  }

  static Stream<Vector> vectors() {
    return Stream.of(DType.values())
        .filter(type -> type != DType.STRING)
        .flatMap(type -> Stream.of(2, 4, 8, 16).map(length -> new Vector(type, length)))
        .filter(vector -> vector.bytes() <= GridProgram.VECTOR_BYTES);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void vectorsGoThroughLocalMemoryUnchanged(Vector vector) {
    String ptx = PtxPrinter.module(PtxPrinter.entry(copy(vector), "k"));
    PtxCompiler.compile(ptx, "sm_50");
    byte[] bytes = new byte[GROUP * vector.bytes()];
    new Random(SEED).nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] &= (byte) (vector.type() == DType.BOOL ? 1 : 0x3F); // no NaN
    }
    try (SoftRig rig = new SoftRig()) {
      long target = rig.allocate(bytes.length);
      rig.launch(ptx, 1, GROUP, rig.upload(bytes), target);
      assertArrayEquals(bytes, rig.bytes(target, bytes.length), "seed " + SEED);
      assertEquals(bytes.length, GpuCounters.bytes(rig.gpu.counters().globalLoads), "bytes loaded");
    }
  }

  /** Each work-item loads a vector, and stores it where it takes it from, all in local memory. */
  private static GridProgram copy(Vector vector) {
    GridValue.Variable index = new GridValue.Variable(100, DType.INT64, false);
    GridValue length = GridValue.index(vector.length());
    GridMemory local = new GridMemory.Local(0);
    List<GridValue.Variable> loaded = variables(vector, 0);
    List<GridValue.Variable> again = variables(vector, vector.length());
    return new GridProgram(
        List.of(
            new GridProgram.Buffer(vector.type(), false),
            new GridProgram.Buffer(vector.type(), true)),
        0,
        false,
        GROUP,
        List.of(new GridProgram.LocalArray(vector.type(), GROUP * vector.length())),
        new Grid(List.of(), 1),
        List.of(
            new GridStatement.Define(
                index, new GridOp.Index(GridOp.IndexOp.MUL, GridValue.Position.LOCAL, length)),
            new GridStatement.LoadVector(loaded, new GridMemory.Parameter(0), index),
            new GridStatement.StoreVector(local, index, List.copyOf(loaded)),
            new GridStatement.LoadVector(again, local, index),
            new GridStatement.StoreVector(new GridMemory.Parameter(1), index, List.copyOf(again))));
  }

  private static List<GridValue.Variable> variables(Vector vector, int first) {
    return IntStream.range(first, first + vector.length())
        .mapToObj(number -> new GridValue.Variable(number, vector.type(), false))
        .toList();
  }
}
