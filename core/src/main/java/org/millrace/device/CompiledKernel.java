package org.millrace.device;

/** A kernel structure in a form that the device can run; owned by the context that compiled it. */
public interface CompiledKernel {
  /** The source in the device's language, for {@code session.explain}; may be empty. */
  String source();
}
