/** {@code ./check-devices}: what the devices of a machine get right, and how fast they are. */
package org.millrace.check;
