package org.millrace.session;

import org.millrace.graph.Operation;
import org.millrace.plan.Value;

/**
 * Who asks for device memory, for the texts of out-of-memory errors.
 *
 * @param what what the memory is for, {@code tensor with shape[2,3] and type float of variable 'w'}
 * @param node the operation concerned
 */
record Tenant(String what, Operation node) {
  static Tenant variable(Operation variable, Value value) {
    return new Tenant(tensor(value) + " of variable '" + variable.name() + "'", variable);
  }

  static Tenant constant(Value value, Operation user) {
    return new Tenant(tensor(value) + " of a constant", user);
  }

  static Tenant temporary(Value value, Operation maker) {
    return new Tenant(tensor(value) + " of '" + maker.name() + "'", maker);
  }

  private static String tensor(Value value) {
    return "tensor with shape%s and type %s"
        .formatted(value.shape().toRuntimeString(), value.type().runtimeLabel());
  }
}
