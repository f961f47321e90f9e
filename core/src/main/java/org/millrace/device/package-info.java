/**
 * The interface that a backend implements: providers, devices, contexts that own memory, buffers
 * and events; and the device strings that users write.
 */
package org.millrace.device;
