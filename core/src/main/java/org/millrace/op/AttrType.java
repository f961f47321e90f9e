package org.millrace.op;

import java.util.List;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** The types of attribute values and the Java classes that carry them. */
public enum AttrType {
  STRING(String.class, false),
  INT(Long.class, false),
  FLOAT(Float.class, false),
  BOOL(Boolean.class, false),
  TYPE(DType.class, false),
  SHAPE(Shape.class, false),
  TENSOR(NDArray.class, false),
  STRINGS(String.class, true),
  INTS(Long.class, true),
  FLOATS(Float.class, true),
  TYPES(DType.class, true),
  SHAPES(Shape.class, true);

  private final Class<?> carrier;
  private final boolean list;

  AttrType(Class<?> carrier, boolean list) {
    this.carrier = carrier;
    this.list = list;
  }

  /**
   * The value as this type carries it: an int becomes a long, a double a float, lists are copied.
   *
   * @throws OpException naming {@code attribute} if the value is of another type
   */
  public Object convert(String attribute, Object value) {
    if (!list) {
      return convertOne(attribute, value);
    }
    if (!(value instanceof List<?> values)) {
      throw mismatch(attribute, value);
    }
    return values.stream().map(element -> convertOne(attribute, element)).toList();
  }

  private Object convertOne(String attribute, Object value) {
    Object converted =
        switch (value) {
          case Integer number when carrier == Long.class -> (Object) number.longValue();
          case Double number when carrier == Float.class -> (Object) number.floatValue();
          default -> value;
        };
    if (!carrier.isInstance(converted)) {
      throw mismatch(attribute, value);
    }
    return converted;
  }

  private OpException mismatch(String attribute, Object value) {
    return new OpException(
        "attribute '%s' must be of type %s, got %s (%s)"
            .formatted(attribute, this, value, value.getClass().getSimpleName()));
  }
}
