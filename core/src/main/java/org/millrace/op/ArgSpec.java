package org.millrace.op;

import java.util.Optional;
import org.millrace.tensor.DType;

/**
 * An input or an output of an operation.
 *
 * @param type its element type where that is fixed
 * @param typeAttribute else the attribute that holds the type; for an argument of several tensors
 *     of different types, the attribute that lists them
 * @param numberAttribute for an argument of several tensors of one type, the attribute that counts
 *     them
 * @param heterogeneous whether {@code typeAttribute} lists a type for each of several tensors
 * @param reference whether it is a variable itself and not its value
 * @param host whether the value must be known before the operation is lowered: shapes, axes
 */
public record ArgSpec(
    String name,
    Optional<DType> type,
    Optional<String> typeAttribute,
    Optional<String> numberAttribute,
    boolean heterogeneous,
    boolean reference,
    boolean host) {
  /** Whether the argument takes any number of tensors. */
  public boolean isList() {
    return numberAttribute.isPresent() || heterogeneous;
  }
}
