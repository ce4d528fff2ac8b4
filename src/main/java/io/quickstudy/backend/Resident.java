package io.quickstudy.backend;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;

/** Data on a device that outlives single runs, such as a data set. Freed when closed. */
public interface Resident extends AutoCloseable {
  /** The kind of number. */
  DType dtype();

  /** The extents. */
  Shape shape();

  @Override
  void close();
}
