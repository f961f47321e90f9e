/** Optimizers: nodes that change variables so that a loss becomes smaller. */
package org.millrace.train;
