package org.millrace.catalog;

import static org.millrace.catalog.Data.bools;
import static org.millrace.catalog.Data.f32;
import static org.millrace.catalog.Data.f64;
import static org.millrace.catalog.Data.i32;
import static org.millrace.catalog.Data.i64;
import static org.millrace.catalog.Data.shape;

import java.util.ArrayList;
import java.util.List;
import org.millrace.op.OpDef;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;

/** Operations that move elements, against arrays written out. */
final class ArrayCases {
  private static final NDArray MATRIX = f64(shape(2, 3), 1, 2, 3, 4, 5, 6);

  private ArrayCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    shapes(cases);
    arrays(cases);
    joins(cases);
    slices(cases);
    strided(cases);
    gathers(cases);
    return cases;
  }

  /** Those that keep each element in its place. */
  static List<OpCase> elementwise() {
    return List.of(
        smooth(ControlOps.IDENTITY, f64(1, 2)).gives(f64(1, 2)),
        OpCase.of(ControlOps.STOP_GRADIENT).in(f32(1, 2)).gives(f32(1, 2)),
        OpCase.of(ControlOps.PREVENT_GRADIENT).in(f32(1, 2)).gives(f32(1, 2)),
        OpCase.of(ArrayOps.ZEROS_LIKE).in(f32(1, 2)).gives(f32(0, 0)),
        OpCase.of(ArrayOps.ONES_LIKE).in(f32(1, 2)).gives(f32(1, 1)));
  }

  private static OpCase.Builder smooth(OpDef op, NDArray... inputs) {
    return OpCase.of(op).in(inputs).smooth();
  }

  private static void shapes(List<OpCase> cases) {
    NDArray matrix = MATRIX.cast(DType.FLOAT32);
    cases.add(OpCase.of(ShapeOps.SHAPE).in(matrix).gives(i32(2, 3)));
    cases.add(
        OpCase.of(ShapeOps.SHAPE)
            .title("int64")
            .in(MATRIX)
            .attr("out_type", DType.INT64)
            .gives(i64(2, 3)));
    cases.add(OpCase.of(ShapeOps.SHAPE_N).list(matrix, f32(7)).gives(i32(2, 3), i32(new int[0])));
    cases.add(OpCase.of(ShapeOps.SIZE).in(matrix).gives(i32(6)));
    cases.add(OpCase.of(ShapeOps.RANK).in(matrix).gives(i32(2)));
    cases.add(
        OpCase.of(ShapeOps.BROADCAST_GRADIENT_ARGS)
            .in(i32(2, 3, 1), i32(3, 5))
            .gives(i32(new int[] {2}), i32(new int[] {0})));
    cases.add(OpCase.of(ShapeOps.INVERT_PERMUTATION).in(i32(2, 0, 1)).gives(i32(1, 2, 0)));
  }

  private static void arrays(List<OpCase> cases) {
    cases.add(
        smooth(ArrayOps.RESHAPE, MATRIX, i32(3, -1)).gives(f64(shape(3, 2), 1, 2, 3, 4, 5, 6)));
    cases.add(
        smooth(ArrayOps.TRANSPOSE, MATRIX, i32(1, 0)).gives(f64(shape(3, 2), 1, 4, 2, 5, 3, 6)));
    cases.add(
        smooth(ArrayOps.TRANSPOSE, f64(shape(1, 2, 3), 1, 2, 3, 4, 5, 6), i32(2, 0, 1))
            .title("of three axes")
            .gives(f64(shape(3, 1, 2), 1, 4, 2, 5, 3, 6)));
    cases.add(smooth(ArrayOps.EXPAND_DIMS, f64(1, 2), i32(-1)).gives(f64(shape(2, 1), 1, 2)));
    cases.add(smooth(ArrayOps.SQUEEZE, f64(shape(1, 2, 1), 1, 2)).gives(f64(1, 2)));
    cases.add(
        smooth(ArrayOps.SQUEEZE, f64(shape(1, 2, 1), 1, 2))
            .title("of one axis")
            .attr("squeeze_dims", List.of(-1))
            .gives(f64(shape(1, 2), 1, 2)));
    cases.add(
        smooth(ArrayOps.BROADCAST_TO, f64(shape(2, 1), 1, 2), i32(2, 2, 3))
            .gives(f64(shape(2, 2, 3), 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2)));
    NDArray dims = i32(2, 2);
    cases.add(smooth(ArrayOps.FILL, dims, f64(7)).gives(f64(shape(2, 2), 7, 7, 7, 7)));
    cases.add(OpCase.of(ArrayOps.RANGE).in(i32(1), i32(10), i32(4)).gives(i32(1, 5, 9)));
    cases.add(
        OpCase.of(ArrayOps.RANGE)
            .title("downwards")
            .in(f64(3), f64(0), f64(-1.5))
            .gives(f64(3, 1.5)));
  }

  private static void joins(List<OpCase> cases) {
    NDArray a = f64(shape(2, 1), 1, 2);
    NDArray b = f64(shape(2, 2), 3, 4, 5, 6);
    NDArray nothing = f64(shape(2, 0));
    cases.add(
        OpCase.of(JoinOps.CONCAT_V2)
            .list(a, nothing, b)
            .in(i32(1))
            .smooth()
            .gives(f64(shape(2, 3), 1, 3, 4, 2, 5, 6)));
    cases.add(
        OpCase.of(JoinOps.CONCAT_V2)
            .title("along the first axis")
            .list(f64(1, 2), f64(new double[] {3}))
            .in(i32(-1))
            .smooth()
            .gives(f64(1, 2, 3)));
    cases.add(
        OpCase.of(JoinOps.PACK)
            .list(f64(1, 2), f64(3, 4), f64(5, 6))
            .attr("axis", 1)
            .smooth()
            .gives(f64(shape(2, 3), 1, 3, 5, 2, 4, 6)));
    cases.add(
        smooth(JoinOps.UNPACK, MATRIX)
            .attr("num", 3)
            .attr("axis", -1)
            .gives(f64(1, 4), f64(2, 5), f64(3, 6)));
    cases.add(
        smooth(JoinOps.SPLIT, i32(1), f64(shape(1, 4), 1, 2, 3, 4))
            .attr("num_split", 2)
            .gives(f64(shape(1, 2), 1, 2), f64(shape(1, 2), 3, 4)));
  }

  private static void slices(List<OpCase> cases) {
    cases.add(
        smooth(SliceOps.SLICE, MATRIX, i32(0, 1), i32(2, -1)).gives(f64(shape(2, 2), 2, 3, 5, 6)));
    cases.add(
        smooth(SliceOps.PAD, f64(shape(1, 2), 1, 2), i32(shape(2, 2), 1, 0, 0, 2))
            .gives(f64(shape(2, 4), 0, 0, 0, 0, 1, 2, 0, 0)));
    cases.add(
        smooth(SliceOps.TILE, f64(shape(2, 1), 1, 2), i32(2, 3))
            .gives(f64(shape(4, 3), 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2)));
  }

  private static void strided(List<OpCase> cases) {
    NDArray line = f64(0, 1, 2, 3, 4, 5, 6);
    cases.add(
        slice(line, i32(new int[] {1}), i32(new int[] {6}), i32(new int[] {2}))
            .gives(f64(1, 3, 5)));
    cases.add(
        slice(line, i32(new int[] {-2}), i32(new int[] {0}), i32(new int[] {-2}))
            .title("backwards")
            .gives(f64(5, 3, 1)));
    cases.add(
        slice(line, i32(new int[] {0}), i32(new int[] {0}), i32(new int[] {-1}))
            .title("all of it, backwards")
            .attr("begin_mask", 1)
            .attr("end_mask", 1)
            .gives(f64(6, 5, 4, 3, 2, 1, 0)));
    cases.add(
        slice(MATRIX, i32(1, 0), i32(2, 0), i32(1, 1))
            .title("a row, x[1, :]")
            .attr("shrink_axis_mask", 1)
            .attr("end_mask", 2)
            .gives(f64(4, 5, 6)));
    cases.add(
        slice(MATRIX, i32(0, 0, 2), i32(0, 0, 3), i32(1, 1, 1))
            .title("x[..., newaxis, 2]")
            .attr("ellipsis_mask", 1)
            .attr("new_axis_mask", 2)
            .attr("shrink_axis_mask", 4)
            .gives(f64(shape(2, 1), 3, 6)));
    cases.add(
        OpCase.of(SliceOps.STRIDED_SLICE_GRAD)
            .in(i32(new int[] {6}))
            .in(i32(new int[] {1}), i32(new int[] {6}), i32(new int[] {2}))
            .in(f64(10, 20, 30))
            .smooth()
            .gives(f64(0, 10, 0, 20, 0, 30)));
    cases.add(
        OpCase.of(SliceOps.STRIDED_SLICE_GRAD)
            .title("backwards")
            .in(i32(new int[] {5}))
            .in(i32(new int[] {-2}), i32(new int[] {0}), i32(new int[] {-2}))
            .in(f64(10, 20))
            .smooth()
            .gives(f64(0, 20, 0, 10, 0)));
  }

  private static OpCase.Builder slice(NDArray x, NDArray begin, NDArray end, NDArray strides) {
    return smooth(SliceOps.STRIDED_SLICE, x, begin, end, strides);
  }

  private static void gathers(List<OpCase> cases) {
    cases.add(
        smooth(GatherOps.GATHER_V2, MATRIX, i32(1, 0, 1), i32(0))
            .gives(f64(shape(3, 3), 4, 5, 6, 1, 2, 3, 4, 5, 6)));
    cases.add(
        smooth(GatherOps.GATHER_V2, MATRIX, i32(shape(1, 2), 2, 0), i32(-1))
            .title("of columns")
            .gives(f64(shape(2, 1, 2), 3, 1, 6, 4)));
    cases.add(
        smooth(GatherOps.GATHER_V2, f64(5, 6, 7), i32(2), i32(0)).title("of one").gives(f64(7)));
    cases.add(
        smooth(
                GatherOps.UNSORTED_SEGMENT_SUM,
                f64(shape(4, 2), 1, 2, 3, 4, 5, 6, 7, 8),
                i32(1, 0, -1, 1),
                i32(3))
            .gives(f64(shape(3, 2), 3, 4, 8, 10, 0, 0)));
    cases.add(
        OpCase.of(GatherOps.ONE_HOT)
            .in(i32(1, -1, 3), i32(3), f64(5), f64(-1))
            .smooth()
            .gives(f64(shape(3, 3), -1, 5, -1, -1, -1, -1, -1, -1, -1)));
    cases.add(
        OpCase.of(GatherOps.ONE_HOT)
            .title("along the first axis")
            .in(i32(1, 0), i32(2), NDArray.scalar(true), NDArray.scalar(false))
            .attr("axis", 0)
            .gives(bools(false, true, true, false).reshape(shape(2, 2))));
  }
}
