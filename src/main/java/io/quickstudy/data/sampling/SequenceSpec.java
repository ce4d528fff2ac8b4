package io.quickstudy.data.sampling;

/**
 * The form of a sequence of single images.
 *
 * @param ways classes per sequence
 * @param length images per sequence
 * @param mixture how often each class appears
 * @param labels how many labels there are to name the classes by; as many as classes for those from
 *     0 on, else each sequence draws its own
 */
public record SequenceSpec(int ways, int length, Mixture mixture, int labels) {
  /** With the labels from 0 on. */
  public SequenceSpec(int ways, int length, Mixture mixture) {
    this(ways, length, mixture, ways);
  }

  /** How often each class of a sequence appears. */
  public enum Mixture {
    /** Equally often (give or take one where the length is no multiple), in random order. */
    BALANCED,
    /** Every image is of a class drawn anew. */
    INDEPENDENT
  }

  /** Checks that each is at least 1, and that there is a label for each class. */
  public SequenceSpec {
    if (labels < ways) {
      throw new IllegalArgumentException(
          "Sequences of %s classes with %s labels: expected a label for each; ask for fewer ways."
              .formatted(ways, labels));
    }
    if (ways < 1 || length < 1) {
      throw new IllegalArgumentException(
          "Sequences of %s ways and %s images: expected at least 1 of each."
              .formatted(ways, length));
    }
  }

  /** Balanced sequences. */
  public SequenceSpec(int ways, int length) {
    this(ways, length, Mixture.BALANCED);
  }

  /** How many images of one class a sequence can surely give without repeating one. */
  int examplesPerClass() {
    return mixture == Mixture.BALANCED ? (length + ways - 1) / ways : 1;
  }
}
