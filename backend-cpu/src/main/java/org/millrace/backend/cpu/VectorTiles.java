package org.millrace.backend.cpu;

/** Tiles with the Vector API; the classes behind are loaded only if its module is there. */
final class VectorTiles {
  private VectorTiles() {}

  static FloatTile floats() {
    return new VectorFloatTile();
  }

  static DoubleTile doubles() {
    return new VectorDoubleTile();
  }
}
