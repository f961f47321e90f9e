package org.millrace.catalog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.millrace.device.DeviceSpec;
import org.millrace.graph.GraphElement;
import org.millrace.graph.Operation;
import org.millrace.graph.OperationBuilder;
import org.millrace.graph.Scope;

/** Groups of operations, as TensorFlow makes them. */
final class Groups {
  private Groups() {}

  /**
   * A no-op that depends on all operations: directly if they ask for one device, else by way of a
   * no-op on each device.
   */
  static Operation group(ControlOps g, List<? extends GraphElement> elements, String name) {
    Map<DeviceSpec, List<Operation>> byDevice = new LinkedHashMap<>();
    for (GraphElement element : elements) {
      byDevice.computeIfAbsent(element.op().device(), _ -> new ArrayList<>()).add(element.op());
    }
    if (byDevice.size() <= 1) {
      return byDevice.isEmpty() ? g.noOp(name) : on(g, byDevice.entrySet().iterator().next(), name);
    }
    return g.scoped(
        name,
        scope -> {
          OperationBuilder root = g.operation(ControlOps.NO_OP, scope);
          byDevice.entrySet().forEach(entry -> root.controlInput(on(g, entry, "group_deps")));
          return root.build();
        });
  }

  private static Operation on(
      ControlOps g, Map.Entry<DeviceSpec, List<Operation>> group, String name) {
    try (Scope _ = g.graph().device(group.getKey().toString())) {
      OperationBuilder noOp = g.operation(ControlOps.NO_OP, name);
      group.getValue().forEach(noOp::controlInput);
      return noOp.build();
    }
  }
}
