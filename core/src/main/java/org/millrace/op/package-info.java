/**
 * What an operation is: its signature, attributes, inference and lowering, and the interface
 * through which a library supplies declarations.
 */
package org.millrace.op;
