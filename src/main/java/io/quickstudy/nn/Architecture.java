package io.quickstudy.nn;

import io.quickstudy.graph.Shape;
import java.util.Optional;

/** A model before it is known what examples it will see: its options are chosen. */
public interface Architecture {
  /**
   * Examples to features.
   *
   * @param example the shape of one: [height, width, channels] or [d]
   * @throws IllegalArgumentException if such examples do not fit it
   */
  Backbone embedding(Shape example);

  /** What to know where weights go to or come from other programs; often nothing. */
  default Optional<String> noteOnWeights() {
    return Optional.empty();
  }

  /** Examples to outputs, by default with a linear layer "classifier" behind the features. */
  default Model network(Shape example, int outputs) {
    Backbone features = embedding(example);
    return new WithClassifier(features, new Linear(features.features(), outputs));
  }
}
