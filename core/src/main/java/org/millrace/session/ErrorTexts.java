package org.millrace.session;

import java.util.function.Function;
import org.millrace.graph.Operation;
import org.millrace.plan.PlanException;
import org.millrace.session.RunException.Code;

/** Makes the errors of a run: the text, the node's line, and where the node was built. */
final class ErrorTexts {
  private final Function<Operation, String> deviceName;

  /**
   * Starts.
   *
   * @param deviceName the full name of the device on which an operation was placed
   */
  ErrorTexts(Function<Operation, String> deviceName) {
    this.deviceName = deviceName;
  }

  RunException invalidArgument(String text, Operation node, Throwable cause) {
    return make(Code.INVALID_ARGUMENT, text, node, "", cause);
  }

  RunException of(PlanException e) {
    return make(Code.INVALID_ARGUMENT, e.getMessage(), e.node(), e.detail(), e);
  }

  RunException uninitialized(Operation variable) {
    return make(
        Code.FAILED_PRECONDITION,
        "Attempting to use uninitialized value " + variable.name(),
        variable,
        "",
        null);
  }

  RunException internal(RuntimeException e, Operation node) {
    return make(Code.INTERNAL, String.valueOf(e.getMessage()), node, "", e);
  }

  RunException exhausted(Ledger.OutOfTensorMemory e) {
    return make(Code.RESOURCE_EXHAUSTED, e.getMessage(), e.tenant().node(), "", e);
  }

  private RunException make(
      Code code, String text, Operation node, String detail, Throwable cause) {
    StringBuilder message = new StringBuilder(text);
    message.append("\n\t ").append(node.describe(deviceName.apply(node)));
    message.append("\n\t built at ").append(node.site());
    if (!detail.isEmpty()) {
      message.append("\n\t ").append(detail);
    }
    return new RunException(code, message.toString(), node, cause);
  }
}
