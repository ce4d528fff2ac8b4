package io.quickstudy.report;

import java.util.List;

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

  /** The same by places in a list of labels; -1 for one that is not among them. */
  Answer among(List<Integer> labels) {
    return new Answer(labels.indexOf(label), labels.indexOf(predicted), confidence);
  }

  boolean right() {
    return label == predicted;
  }

  /** A class of a task by letter: A to Z, then AA; ? for none of them. */
  static String letter(int label) {
    if (label < 0) {
      return "?";
    }
    String last = Character.toString((char) ('A' + label % LETTERS));
    return label < LETTERS ? last : letter(label / LETTERS - 1) + last;
  }
}
