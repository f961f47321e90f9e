package org.millrace.op;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** The attribute values of one node, by name; immutable. */
public final class Attributes {
  private final Map<String, Object> values;

  /** A copy of {@code values}, which are of the carrier classes of {@link AttrType}. */
  public Attributes(Map<String, Object> values) {
    this.values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /** All values by name, in the order of the names. */
  public Map<String, Object> asMap() {
    return values;
  }

  /** The value of {@code name}, if it has one. */
  public Optional<Object> find(String name) {
    return Optional.ofNullable(values.get(name));
  }

  public String string(String name) {
    return get(name, String.class);
  }

  public long integer(String name) {
    return get(name, Long.class);
  }

  public float number(String name) {
    return get(name, Float.class);
  }

  public boolean flag(String name) {
    return get(name, Boolean.class);
  }

  public DType type(String name) {
    return get(name, DType.class);
  }

  public Shape shape(String name) {
    return get(name, Shape.class);
  }

  public NDArray tensor(String name) {
    return get(name, NDArray.class);
  }

  /** The values of a list attribute, of element class {@code element}. */
  public <T> List<T> list(String name, Class<T> element) {
    List<?> values = get(name, List.class);
    return values.stream().<T>map(element::cast).toList();
  }

  private <T> T get(String name, Class<T> carrier) {
    Object value = values.get(name);
    if (value == null) {
      throw new OpException("there is no attribute '" + name + "', only " + values.keySet());
    }
    if (!carrier.isInstance(value)) {
      throw new OpException(
          "attribute '%s' is %s, not a %s".formatted(name, value, carrier.getSimpleName()));
    }
    return carrier.cast(value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Attributes that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
