package org.millrace.backend.cuda;

/** PTX that cannot be understood: what the driver's compiler writes into its log. */
final class PtxSyntaxException extends RuntimeException {
  PtxSyntaxException(int line, String message) {
    super("line %d: %s".formatted(line, message));
  }
}
