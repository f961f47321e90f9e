/**
 * The host's own processors as a device: kernels become JVM bytecode that works on off-heap memory,
 * matrix products go to OpenBLAS or to Java.
 */
package org.millrace.backend.cpu;
