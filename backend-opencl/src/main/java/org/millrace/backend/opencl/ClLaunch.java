package org.millrace.backend.opencl;

import org.millrace.device.Launch;

/**
 * A {@code cl_kernel} with its arguments set.
 *
 * @param kernel the handle, or 0 if there is nothing to run
 * @param globalSize the address of the number of work-items
 * @param localSize the address of the number of those in a group
 * @param sequenceArgument the number of the argument that takes the sequence number, or −1 if the
 *     kernel has no checks
 */
record ClLaunch(
    int id,
    OpenClContext context,
    long kernel,
    long globalSize,
    long localSize,
    int sequenceArgument)
    implements Launch {}
