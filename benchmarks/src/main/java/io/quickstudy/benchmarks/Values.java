package io.quickstudy.benchmarks;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;

/** Numbers on the host with their shape, row-major. */
sealed interface Values {
  /** The extents. */
  Shape shape();

  /** Single precision. */
  record F32(Shape shape, float[] data) implements Values {}

  /** Integers. */
  record I32(Shape shape, int[] data) implements Values {}

  /** The kind of number. */
  default DType dtype() {
    return switch (this) {
      case F32 f -> DType.F32;
      case I32 i -> DType.I32;
    };
  }

  /** One number. */
  static Values scalar(float x) {
    return new F32(Shape.of(), new float[] {x});
  }

  /** The numbers, if they are F32. */
  default float[] floats() {
    return switch (this) {
      case F32 f -> f.data();
      case I32 i ->
          throw new IllegalArgumentException(
              "I32 numbers of shape " + i.shape() + ": expected F32");
    };
  }
}
