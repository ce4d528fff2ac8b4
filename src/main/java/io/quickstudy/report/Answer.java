package io.quickstudy.report;

/**
 * One prediction.
 *
 * @param label the class that is right
 * @param predicted the class that was said
 * @param confidence the probability of that
 */
record Answer(int label, int predicted, double confidence) {
  private static final int LETTERS = 26;

  /** From logits: their softmax, and the first of the largest, as in measuring. */
  static Answer of(int label, float[] logits) {
    int best = 0;
    for (int k = 1; k < logits.length; k++) {
      best = logits[k] > logits[best] ? k : best;
    }
    double sum = 0;
    for (float z : logits) {
      sum += Math.exp((double) z - logits[best]);
    }
    return new Answer(label, best, 1 / sum);
  }

  boolean right() {
    return label == predicted;
  }

  /** A class of a task by letter: A to Z, then AA. */
  static String letter(int label) {
    String last = Character.toString((char) ('A' + label % LETTERS));
    return label < LETTERS ? last : letter(label / LETTERS - 1) + last;
  }
}
