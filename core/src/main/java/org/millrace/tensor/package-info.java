/** Values and their types: element types, shapes and host arrays, with no graph and no device. */
package org.millrace.tensor;
