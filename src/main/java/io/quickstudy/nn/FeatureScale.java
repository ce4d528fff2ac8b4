package io.quickstudy.nn;

/**
 * How large the features of an example are before anything is learned. Where they are the numbers
 * of a last batch normalisation, each has variance 1, and a squared distance, a sum over all of
 * them, grows with their number: over the 1,600 of a photo of 84x84 pixels, logits differ by
 * hundreds and a first loss is hundreds. PyTorch's usual start does the same.
 *
 * <p>What is scaled is the start, not the function: that normalisation's gamma, as Goyal et al.
 * (2017), "Accurate, Large Minibatch SGD", section 5.1, start a last gamma small, so that training
 * finds the right scale within some hundred steps. Oreshkin, Rodriguez and Lacoste (2018), "TADAM",
 * section 3.1, learn that scale as a temperature of its own.
 */
public enum FeatureScale {
  /** Their squared norm is near 1, however many there are. */
  UNIT,
  /** As batch normalisation or a linear layer leaves them, which is the papers' start. */
  RAW;

  /** What each of so many numbers is multiplied by. */
  double of(int numbers) {
    return this == UNIT ? 1 / Math.sqrt(numbers) : 1;
  }
}
