/**
 * From kernels to grid programs: work-groups, local memory and barriers, in a small typed
 * imperative tree that the GPU backends print in their device's language.
 */
package org.millrace.codegen;
