/** What users build graphs with: {@code Ops tf}, and the initializers of variables. */
package org.millrace.ops;
