/**
 * The kernel IR: scalar expressions, stages, kernels and programs, and the reference evaluator that
 * defines what they mean. Everything users say comes down to it; everything devices do starts from
 * it.
 */
package org.millrace.kernel;
