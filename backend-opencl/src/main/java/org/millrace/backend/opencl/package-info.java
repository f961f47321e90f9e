/** The OpenCL backend: grid programs as OpenCL C 1.2, run through the platform's loader. */
package org.millrace.backend.opencl;
