/** Graphs, their operations and tensors, names, scopes, collections and variables. */
package org.millrace.graph;
