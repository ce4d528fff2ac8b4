package io.quickstudy.data.sampling;

/**
 * The form of a sequence of single images.
 *
 * @param ways classes per sequence
 * @param length images per sequence
 * @param mixture how often each class appears
 */
public record SequenceSpec(int ways, int length, Mixture mixture) {

  /** How often each class of a sequence appears. */
  public enum Mixture {
    /** Equally often (give or take one where the length is no multiple), in random order. */
    BALANCED,
    /** Every image is of a class drawn anew. */
    INDEPENDENT
  }

  /** Checks that each is at least 1. */
  public SequenceSpec {
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
