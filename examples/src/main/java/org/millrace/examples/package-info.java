/** Programs that use Millrace: the training job and the walk-throughs. */
package org.millrace.examples;
