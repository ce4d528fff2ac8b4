package io.quickstudy.train;

import io.quickstudy.text.Text;

/**
 * How well a learner of pairs tells whether two images are of one class: Koch, Zemel and
 * Salakhutdinov (2015), section 4.2.
 *
 * @param value the fraction of pairs that are judged rightly, those with a probability above 0.5
 *     taken for pairs of one class; half of the pairs are
 * @param ci95 half the width of its 95% interval; NaN of one task of pairs, which has none
 * @param pairs how many
 */
public record Verification(double value, double ci95, int pairs) {
  /** In words: "93.42% ± 0.30% of 20000 pairs". */
  public String summary() {
    String interval = Text.interval(ci95, Text.fixed(100 * ci95, 2) + "%");
    return "%s%%%s of %s"
        .formatted(Text.fixed(100 * value, 2), interval, Text.count(pairs, "pair"));
  }
}
