/** Reverse-mode differentiation: adds the nodes that compute gradients. */
package org.millrace.gradient;
