/**
 * The catalog of operations: each declared once, in the file of its family, with its signature,
 * inference, lowering, gradient and facade method.
 */
package org.millrace.catalog;
