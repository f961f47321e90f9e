package org.millrace.op;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/** The declarations that can be named by their type alone. */
public final class OpRegistry {
  private final Map<String, OpDef> byType = new HashMap<>();

  private OpRegistry(Iterable<OpProvider> providers) {
    for (OpProvider provider : providers) {
      for (OpDef def : provider.ops()) {
        OpDef earlier = byType.put(def.type(), def);
        if (earlier != null) {
          throw new IllegalStateException("Op '" + def.type() + "' is declared twice");
        }
      }
    }
  }

  /** Every declaration of every provider on the class path; loaded once. */
  public static OpRegistry installed() {
    return Installed.REGISTRY;
  }

  /** The declaration of {@code type}, if there is one. */
  public Optional<OpDef> find(String type) {
    return Optional.ofNullable(byType.get(type));
  }

  /** All declarations by type. */
  public Map<String, OpDef> all() {
    return Map.copyOf(byType);
  }

  private static final class Installed {
    static final OpRegistry REGISTRY = new OpRegistry(ServiceLoader.load(OpProvider.class));
  }
}
