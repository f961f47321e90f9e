package org.millrace.catalog;

import static org.millrace.catalog.Data.array;
import static org.millrace.catalog.Data.code;
import static org.millrace.catalog.Data.coded;
import static org.millrace.catalog.Data.f32;
import static org.millrace.catalog.Data.i32;
import static org.millrace.catalog.Data.map;
import static org.millrace.catalog.Data.shape;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.millrace.op.OpDef;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;

/**
 * Operations that move elements, over odd sizes above a work group. Each element of an input is the
 * code of its own indices, so that what is expected says where each element came from.
 */
final class LargeArrayCases {
  private LargeArrayCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    shapes(cases);
    arrays(cases);
    transposes(cases);
    joins(cases);
    slices(cases);
    strided(cases);
    gathers(cases);
    return cases;
  }

  private static OpCase.Builder large(OpDef op, NDArray... inputs) {
    return OpCase.of(op).title("large").in(inputs);
  }

  private static void shapes(List<OpCase> cases) {
    NDArray x = coded(17, 9, 23);
    cases.add(large(ShapeOps.SHAPE, x).gives(i32(17, 9, 23)));
    cases.add(
        large(ShapeOps.SHAPE_N).list(x, coded(301)).gives(i32(17, 9, 23), i32(new int[] {301})));
    cases.add(large(ShapeOps.SIZE, x).gives(i32(17 * 9 * 23)));
    cases.add(large(ShapeOps.RANK, x).gives(i32(3)));
    cases.add(
        large(ShapeOps.BROADCAST_GRADIENT_ARGS, i32(2, 4, 7, 1), i32(7, 5))
            .gives(i32(new int[] {3}), i32(0, 1)));
    int[] permutation = IntStream.range(0, 509).map(i -> 7 * i % 509).toArray();
    int[] inverse = new int[509];
    for (int i = 0; i < inverse.length; i++) {
      inverse[permutation[i]] = i;
    }
    cases.add(large(ShapeOps.INVERT_PERMUTATION, i32(permutation)).gives(i32(inverse)));
  }

  private static void arrays(List<OpCase> cases) {
    NDArray x = coded(9, 11, 7);
    cases.add(large(ArrayOps.RESHAPE, x, i32(-1, 21)).gives(x.reshape(shape(33, 21))));
    cases.add(large(ArrayOps.EXPAND_DIMS, x, i32(1)).gives(x.reshape(shape(9, 1, 11, 7))));
    cases.add(
        large(ArrayOps.SQUEEZE, x.reshape(shape(9, 1, 11, 7, 1)))
            .attr("squeeze_dims", List.of(1))
            .gives(x.reshape(shape(9, 11, 7, 1))));
    cases.add(
        large(ArrayOps.BROADCAST_TO, coded(7, 1, 11), i32(3, 7, 5, 11))
            .gives(array(shape(3, 7, 5, 11), i -> code(i[1], 0, i[3]))));
    cases.add(
        large(ArrayOps.FILL, i32(3, 51, 7), f32(0.5)).gives(array(shape(3, 51, 7), _ -> 0.5)));
    cases.add(
        large(ArrayOps.RANGE, i32(5), i32(3000), i32(7))
            .gives(i32(IntStream.range(0, 428).map(i -> 5 + 7 * i).toArray())));
    NDArray flags = array(shape(7), i -> i[0] % 3 % 2).cast(DType.BOOL);
    cases.add(
        large(CompareOps.SELECT_V2, flags, coded(51, 3, 7), f32(-1))
            .gives(array(shape(51, 3, 7), i -> i[2] % 3 == 1 ? code(i) : -1)));
  }

  private static void transposes(List<OpCase> cases) {
    cases.add(
        large(ArrayOps.TRANSPOSE, coded(37, 41), i32(1, 0))
            .gives(array(shape(41, 37), i -> code(i[1], i[0]))));
    cases.add(
        large(ArrayOps.TRANSPOSE, coded(19, 5, 23), i32(2, 0, 1))
            .gives(array(shape(23, 19, 5), i -> code(i[1], i[2], i[0]))));
    cases.add(
        large(ArrayOps.TRANSPOSE, coded(3, 7, 5, 11), i32(3, 1, 0, 2))
            .gives(array(shape(11, 7, 3, 5), i -> code(i[2], i[1], i[3], i[0]))));
  }

  private static void joins(List<OpCase> cases) {
    cases.add(
        large(JoinOps.CONCAT_V2)
            .list(coded(17, 5, 3), coded(17, 9, 3), coded(17, 1, 3))
            .in(i32(1))
            .gives(
                array(
                    shape(17, 15, 3),
                    i -> code(i[0], i[1] - (i[1] < 5 ? 0 : i[1] < 14 ? 5 : 14), i[2]))));
    cases.add(
        large(JoinOps.CONCAT_V2)
            .list(coded(31, 7), coded(31, 13))
            .in(i32(-1))
            .gives(array(shape(31, 20), i -> code(i[0], i[1] < 7 ? i[1] : i[1] - 7))));
    NDArray x = coded(17, 23);
    cases.add(
        large(JoinOps.PACK)
            .list(x, map(x, v -> 2 * v), map(x, v -> 3 * v))
            .attr("axis", 1)
            .gives(array(shape(17, 3, 23), i -> (i[1] + 1) * code(i[0], i[2]))));
    cases.add(
        large(JoinOps.UNPACK, coded(17, 3, 23))
            .attr("num", 3)
            .attr("axis", 1)
            .gives(
                array(shape(17, 23), i -> code(i[0], 0, i[1])),
                array(shape(17, 23), i -> code(i[0], 1, i[1])),
                array(shape(17, 23), i -> code(i[0], 2, i[1]))));
    cases.add(
        large(JoinOps.SPLIT, i32(1), coded(17, 6, 23))
            .attr("num_split", 2)
            .gives(
                array(shape(17, 3, 23), i -> code(i)),
                array(shape(17, 3, 23), i -> code(i[0], i[1] + 3, i[2]))));
  }

  private static void slices(List<OpCase> cases) {
    cases.add(
        large(SliceOps.SLICE, coded(17, 9, 23), i32(2, 1, 3), i32(11, -1, 19))
            .gives(array(shape(11, 8, 19), i -> code(i[0] + 2, i[1] + 1, i[2] + 3))));
    cases.add(
        large(SliceOps.PAD, coded(17, 9, 23), i32(shape(3, 2), 1, 2, 0, 1, 3, 0))
            .gives(
                array(
                    shape(20, 10, 26),
                    i ->
                        i[0] >= 1 && i[0] < 18 && i[1] < 9 && i[2] >= 3
                            ? code(i[0] - 1, i[1], i[2] - 3)
                            : 0)));
    cases.add(
        large(SliceOps.PAD, coded(301), i32(shape(1, 2), 2, 5))
            .gives(array(shape(308), i -> i[0] >= 2 && i[0] < 303 ? i[0] - 2 : 0)));
    cases.add(
        large(SliceOps.TILE, coded(17, 5, 3), i32(2, 1, 7))
            .gives(array(shape(34, 5, 21), i -> code(i[0] % 17, i[1], i[2] % 3))));
  }

  /** {@code x[1:19:2, 30:0:-3, 0:5]} of an array of shape [19, 31, 5], and its gradient. */
  private static void strided(List<OpCase> cases) {
    NDArray begin = i32(1, 30, 0);
    NDArray end = i32(19, 0, 5);
    NDArray strides = i32(2, -3, 1);
    cases.add(
        large(SliceOps.STRIDED_SLICE, coded(19, 31, 5), begin, end, strides)
            .gives(array(shape(9, 10, 5), i -> code(1 + 2 * i[0], 30 - 3 * i[1], i[2]))));
    cases.add(
        large(SliceOps.STRIDED_SLICE_GRAD, i32(19, 31, 5), begin, end, strides, coded(9, 10, 5))
            .gives(
                array(
                    shape(19, 31, 5),
                    i ->
                        i[0] % 2 == 1 && i[1] % 3 == 0 && i[1] > 0
                            ? code(i[0] / 2, 10 - i[1] / 3, i[2])
                            : 0)));
  }

  private static void gathers(List<OpCase> cases) {
    int[] columns = IntStream.range(0, 53).map(i -> i * i * 7 % 41).toArray();
    cases.add(
        large(GatherOps.GATHER_V2, coded(29, 41), i32(columns), i32(1))
            .gives(array(shape(29, 53), i -> code(i[0], columns[i[1]]))));
    int[] hot = IntStream.range(0, 13 * 7).map(i -> i % 17 - 1).toArray();
    cases.add(
        large(GatherOps.ONE_HOT, i32(shape(13, 7), hot), i32(11), f32(2), f32(-1))
            .gives(array(shape(13, 7, 11), i -> hot[7 * i[0] + i[1]] == i[2] ? 2 : -1)));
  }
}
