package org.millrace.codegen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.millrace.conformance.KernelCases;
import org.millrace.conformance.ProductCase;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.KernelValidator;
import org.millrace.tensor.DType;

class GridGemmTests {
  @Test
  void everyStructureHasAValidProgram() {
    for (DType type : DType.values()) {
      for (GemmTile tile : GemmTile.values()) {
        for (int transposes = 0; transposes < 4 && GridGemm.serves(type); transposes++) {
          GridGemm gemm = structure(type, (transposes & 1) != 0, (transposes & 2) != 0, tile);
          GridProgram program = GridPlanner.plan(gemm);
          GridValidator.check(program);
          assertEquals(4, program.sizeCount(), gemm.toString());
          assertFalse(program.faults(), gemm.toString());
        }
      }
    }
  }

  @Test
  void aStepHasOneBarrierAndLoadsTheNextBeforeItMultiplies() {
    for (GemmTile tile : GemmTile.values()) {
      GridProgram program = GridPlanner.plan(structure(DType.FLOAT32, false, true, tile));
      GridStatement.For steps =
          program.body().stream()
              .filter(GridStatement.For.class::isInstance)
              .map(GridStatement.For.class::cast)
              .findFirst()
              .orElseThrow();
      assertEquals(GemmTile.depth(DType.FLOAT32), steps.step());
      List<String> kinds =
          steps.body().stream()
              .filter(statement -> !isArithmetic(statement))
              .map(statement -> statement.getClass().getSimpleName())
              .toList();
      int shares =
          (tile.rows() + tile.columns()) * GemmTile.depth(DType.FLOAT32) / tile.groupSize();
      List<String> expected = new ArrayList<>(Collections.nCopies(shares, "Define"));
      expected.add("For");
      expected.addAll(Collections.nCopies(shares, "LocalStore"));
      expected.add("Barrier");
      assertEquals(expected, kinds);
    }
  }

  private static boolean isArithmetic(GridStatement statement) {
    return statement instanceof GridStatement.Define define
        && !(define.op() instanceof GridOp.GuardedLoad);
  }

  @Test
  void blocksAreReadFromLocalMemoryAsWholeVectors() {
    String program =
        GridPlanner.plan(structure(DType.FLOAT32, false, false, GemmTile.SQUARE)).toString();
    assertEquals(2 * 2 * 2, program.split("LoadVector", -1).length - 1); // two factors, two steps
    assertFalse(program.contains("LocalLoad"), program);
  }

  @Test
  void tailsHaveValidPrograms() {
    for (ProductCase product : KernelCases.products()) {
      for (GemmTile tile : GemmTile.values()) {
        GridGemm gemm = GridGemm.of(product.gemm(), product.tail(), tile).structure();
        KernelValidator.check(gemm.kernel());
        GridValidator.check(GridPlanner.plan(gemm));
      }
    }
  }

  @Test
  void theTileFollowsTheSizes() {
    assertEquals(GemmTile.SQUARE, tile(128, 128));
    assertEquals(GemmTile.SQUARE, tile(65, 1000));
    assertEquals(GemmTile.TALL, tile(128, 10));
    assertEquals(GemmTile.TALL, tile(1000, 1));
    assertEquals(GemmTile.FLAT, tile(1, 1000));
    assertEquals(GemmTile.FLAT, tile(31, 128));
    assertEquals(GemmTile.SQUARE, tile(1L << 40, 1L << 40));
  }

  @Test
  void thereIsAGroupForEachTileOfEachResult() {
    GridGemm gemm = structure(DType.FLOAT32, false, false, GemmTile.SQUARE);
    Grid grid = GridPlanner.plan(gemm).grid();
    assertEquals(3 * 2 * 4, grid.groups(new long[] {3, 65, 256, 7}));
    assertEquals(1, grid.groups(new long[] {1, 1, 1, 0}));
    for (long[] empty : List.of(new long[] {0, 5, 5, 5}, new long[] {5, 0, 5, 5})) {
      assertEquals(0, grid.groups(empty));
    }
    assertEquals(0, grid.groups(new long[] {5, 5, 0, 5}));
  }

  @Test
  void sizesAreNoPartOfTheStructure() {
    Gemm one = new Gemm(DType.FLOAT32, 1, 64, 128, 784, false, true);
    Gemm other = new Gemm(DType.FLOAT32, 7, 96, 130, 3, false, true);
    GridGemm.Abstracted abstracted = GridGemm.of(one, Optional.empty());
    GridGemm.Abstracted same = GridGemm.of(other, Optional.empty());
    assertEquals(abstracted.structure().toString(), same.structure().toString());
    assertEquals(
        abstracted.structure().operands().stream()
            .map(o -> o.extents().stream().map(e -> Sizes.evaluate(e, abstracted.sizes())).toList())
            .toList(),
        List.of(List.of(1L, 64L, 784L), List.of(1L, 128L, 784L), List.of(1L, 64L, 128L)));
  }

  @Test
  void smallFloatsAreSummedInFloat32() {
    GridGemm gemm = structure(DType.BFLOAT16, false, false, GemmTile.TALL);
    GridProgram program = GridPlanner.plan(gemm);
    assertTrue(program.locals().stream().allMatch(array -> array.type() == DType.FLOAT32));
  }

  private static GemmTile tile(long m, long n) {
    Gemm gemm = new Gemm(DType.FLOAT32, 1, m, n, 99, false, false);
    return GridGemm.of(gemm, Optional.empty()).structure().tile();
  }

  private static GridGemm structure(DType type, boolean ta, boolean tb, GemmTile tile) {
    return GridGemm.of(new Gemm(type, 2, 3, 4, 5, ta, tb), Optional.empty(), tile).structure();
  }
}
