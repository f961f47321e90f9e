package org.millrace.catalog;

import java.util.Arrays;
import org.millrace.tensor.DType;

/** The sets of element types that declarations allow. */
final class Types {
  private Types() {}

  /** The four floating-point types. */
  static final DType[] FLOATING = those(DType::isFloating);

  /** Every type with arithmetic. */
  static final DType[] NUMERIC = those(DType::isNumeric);

  /** The numeric types with a sign. */
  static final DType[] SIGNED = those(type -> type.isNumeric() && !type.isUnsigned());

  /** Every type but string. */
  static final DType[] FIXED_SIZE = those(type -> type != DType.STRING);

  /** The types of indices, axes and extents. */
  static final DType[] INDEX = {DType.INT32, DType.INT64};

  private static DType[] those(java.util.function.Predicate<DType> set) {
    return Arrays.stream(DType.values()).filter(set).toArray(DType[]::new);
  }
}
