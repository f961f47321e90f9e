/**
 * From a request to steps: prune, order, place, specialise, lower, fuse and plan memory. Nothing
 * here touches device memory.
 */
package org.millrace.plan;
