package io.quickstudy.runtime;

import io.quickstudy.graph.Shape;

/**
 * F32 numbers on the host, row-major.
 *
 * @param shape the extents
 * @param data one number for each element
 */
public record Array(Shape shape, float[] data) {
  /** Checks that the sizes agree. */
  public Array {
    if (shape == null || data == null) {
      throw new IllegalArgumentException(
          "array: shape " + shape + (data == null ? " without numbers" : "") + "; give both");
    }
    if (data.length != shape.size()) {
      throw new IllegalArgumentException(
          "array: " + data.length + " numbers for shape " + shape + "; give one for each element");
    }
  }
}
