package org.millrace.backend.cpu;

import java.lang.classfile.TypeKind;
import java.util.List;
import org.millrace.tensor.DType;

/**
 * A value that a pass computes. Equal nodes of a pass are one object.
 *
 * <p>A node belongs to the outermost loop of its pass in which it can be computed (its level), or
 * to the body of the scalar loop on whose states it depends.
 */
final class Node {
  final Instruction instruction;
  final List<Node> inputs;
  final DType type;

  /** The level of the pass's loops at which the node is computed. */
  final int level;

  /** The scalar loop whose body computes the node, or null. */
  final Rounds body;

  /** How many inputs of other nodes, stores and reductions it is. */
  int uses;

  /** Whether some user is in another loop or body, or the value must be computed in its turn. */
  boolean kept;

  /** The method that computes it, or null. */
  Outlined outlined;

  /** The local variable that holds the value once it is computed, or −1. */
  int local = -1;

  Node(Instruction instruction, List<Node> inputs, DType type, int level, Rounds body) {
    this.instruction = instruction;
    this.inputs = inputs;
    this.type = type;
    this.level = level;
    this.body = body;
  }

  /** The kind of JVM value that represents it. */
  TypeKind kind() {
    return kind(type);
  }

  /** The kind of JVM value that represents a value of {@code type}. */
  static TypeKind kind(DType type) {
    return switch (type) {
      case BOOL, INT8, INT16, INT32, UINT8, UINT16, UINT32 -> TypeKind.INT;
      case INT64, UINT64 -> TypeKind.LONG;
      case FLOAT16, BFLOAT16, FLOAT32 -> TypeKind.FLOAT;
      case FLOAT64 -> TypeKind.DOUBLE;
      case STRING -> throw new IllegalArgumentException("kernels have no strings");
    };
  }
}
