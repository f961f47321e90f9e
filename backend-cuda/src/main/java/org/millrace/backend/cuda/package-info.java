/** The CUDA backend: kernels as PTX, loaded by the driver; nothing of the toolkit is needed. */
package org.millrace.backend.cuda;
