package io.quickstudy.backend;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import java.nio.ByteBuffer;

/** Data on a device that outlives single runs, such as a data set. Freed when closed. */
public interface Resident extends AutoCloseable {
  /** The kind of number. */
  DType dtype();

  /** The extents. */
  Shape shape();

  /** Whether its memory is gone; a program that it is bound to no longer runs. */
  boolean isClosed();

  /**
   * How many bytes data of a type has.
   *
   * @throws IllegalArgumentException if it is not just as many as there are
   */
  static long checkedBytes(DType dtype, Shape shape, ByteBuffer data) {
    return checkedBytes(dtype, shape, data.remaining());
  }

  /**
   * How many bytes F32 numbers have.
   *
   * @throws IllegalArgumentException if there are not just as many as the shape says
   */
  static long checkedBytes(Shape shape, float[] numbers) {
    return checkedBytes(DType.F32, shape, (long) Float.BYTES * numbers.length);
  }

  private static long checkedBytes(DType dtype, Shape shape, long found) {
    long bytes = (long) shape.size() * dtype.bytes();
    if (found != bytes) {
      throw new IllegalArgumentException(
          "upload: " + found + " bytes for " + dtype + shape + "; expected " + bytes);
    }
    return bytes;
  }

  @Override
  void close();
}
