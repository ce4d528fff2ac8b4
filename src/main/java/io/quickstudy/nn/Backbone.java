package io.quickstudy.nn;

import io.quickstudy.graph.Shape;
import java.util.Optional;

/** A model whose outputs are the features [n, d] of its examples. */
public interface Backbone extends Model {
  /** Features of one example, d. */
  int features();

  /**
   * The map [height, width, channels] that the features are, row-major; none where they are no map.
   * Weights that come from programs with other layouts are turned by it.
   */
  default Optional<Shape> map() {
    return Optional.empty();
  }
}
