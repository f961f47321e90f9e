/** JMH benchmarks, each beside the same thing in TensorFlow Java. */
package org.millrace.benchmarks;
