package org.millrace.device;

/**
 * A value-dependent fault that a kernel's check found.
 *
 * @param launch the {@link Launch#id()} of the first launch that failed
 * @param code the code of the check
 * @param element the lowest failing element: the row-major number of the outer index
 * @param value what the check reported for it
 */
public record DeviceFault(int launch, int code, long element, long value) {}
