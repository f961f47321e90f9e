package org.millrace.catalog;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.millrace.op.OpDef;
import org.millrace.op.OpProvider;

/** Supplies every {@link Declaration} that is a constant of a family of {@link Nodes}. */
public final class CatalogProvider implements OpProvider {
  /** For the service loader. */
  public CatalogProvider() {}

  @Override
  public Collection<? extends OpDef> ops() {
    return declarations();
  }

  /** Every declaration of the catalog. */
  public static List<Declaration> declarations() {
    List<Declaration> declarations = new ArrayList<>();
    for (Class<?> family : Nodes.class.getInterfaces()) {
      for (Field field : family.getDeclaredFields()) {
        if (field.getType() == Declaration.class) {
          declarations.add(constant(field));
        }
      }
    }
    return declarations;
  }

  private static Declaration constant(Field field) {
    try {
      return (Declaration) field.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(field + " cannot be read", e);
    }
  }
}
