/** Runs parts of a graph: sessions, which own variables and device memory, feeds and fetches. */
package org.millrace.session;
