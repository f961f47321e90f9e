package org.millrace.catalog;

import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.millrace.op.OpDef;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Every operation of the catalog with inputs and the outputs that are expected of it. */
public final class OpCases {
  private OpCases() {}

  /** More than a work group, and not a whole number of vectors. */
  private static final Shape LARGE = Shape.of(3, 51, 7);

  /** All cases. */
  public static List<OpCase> all() {
    List<OpCase> elementwise =
        alsoInFloat32(
            Stream.of(ElementwiseCases.all(), ArrayCases.elementwise(), StateCases.elementwise()));
    List<OpCase> others =
        alsoInFloat32(
            Stream.of(
                ArrayCases.all(),
                LargeArrayCases.all(),
                ReductionOpCases.all(),
                ScanCases.all(),
                MatrixCases.all(),
                StateCases.checks(),
                RandomCases.all()));
    return Stream.of(elementwise, larger(elementwise), others).flatMap(List::stream).toList();
  }

  /**
   * The cases, and the smooth ones again in float32 if no plain case has their shapes: they are of
   * few elements and ordinary numbers, so their results survive the rounding of the inputs.
   */
  private static List<OpCase> alsoInFloat32(Stream<List<OpCase>> families) {
    List<OpCase> cases = families.flatMap(List::stream).toList();
    Stream<OpCase> rounded =
        cases.stream()
            .filter(OpCase::smooth)
            .map(OpCase::inFloat32)
            .filter(one -> cases.stream().noneMatch(other -> isPlain(other) && alike(one, other)));
    return Stream.concat(cases.stream(), rounded).toList();
  }

  private static boolean alike(OpCase one, OpCase other) {
    return one.op() == other.op() && one.shapes().equals(other.shapes());
  }

  /** A plain case of each operation, repeated to a larger shape. */
  private static List<OpCase> larger(List<OpCase> cases) {
    return byOp(cases.stream().filter(OpCases::isOfOneShape)).stream()
        .map(ofOne -> first(ofOne).repeatedTo(LARGE))
        .toList();
  }

  private static boolean isOfOneShape(OpCase one) {
    return one.shapes().stream().filter(shape -> shape.rank() > 0).distinct().count() == 1;
  }

  /**
   * Two cases of each operation, of the same types but not of the same shapes: the first plain one,
   * in float32 where there is such, and of the others the largest.
   */
  public static List<OpCase> twoOfEach() {
    return byOp(all().stream()).stream().flatMap(OpCases::two).toList();
  }

  private static Stream<OpCase> two(List<OpCase> ofOne) {
    OpCase first = first(ofOne);
    Stream<OpCase> second =
        ofOne.stream()
            .filter(other -> other.types().equals(first.types()) && !alike(other, first))
            .max(Comparator.comparing(OpCases::size))
            .stream();
    return Stream.concat(Stream.of(first), second);
  }

  private static OpCase first(List<OpCase> ofOne) {
    Comparator<OpCase> order = Comparator.comparing(one -> !isPlain(one));
    return Collections.min(ofOne, order.thenComparing(one -> !one.types().contains(DType.FLOAT32)));
  }

  private static long size(OpCase one) {
    return one.shapes().stream().mapToLong(Shape::elements).sum();
  }

  /** Whether all floating numbers are float32, which every device has. */
  static boolean isPlain(OpCase one) {
    return one.types().stream().allMatch(type -> !type.isFloating() || type == DType.FLOAT32);
  }

  private static Collection<List<OpCase>> byOp(Stream<OpCase> cases) {
    return cases
        .collect(Collectors.groupingBy(OpCase::op, LinkedHashMap::new, Collectors.toList()))
        .values();
  }

  /** The cases in which an operation's gradients can be checked by differences. */
  public static List<OpCase> smooth() {
    return all().stream()
        .filter(
            one ->
                one.smooth()
                    && one.op() instanceof Declaration declaration
                    && declaration.differentiable())
        .toList();
  }

  /** The operations that the plan itself knows, and that compute nothing. */
  public static Set<OpDef> withoutLowering() {
    return Set.of(
        ConstantOps.CONST,
        ConstantOps.PLACEHOLDER,
        ConstantOps.PLACEHOLDER_WITH_DEFAULT,
        ControlOps.NO_OP,
        StateOps.VARIABLE_V2,
        StateOps.IS_VARIABLE_INITIALIZED);
  }
}
