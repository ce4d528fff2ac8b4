package io.quickstudy.train;

import java.util.Optional;

/**
 * How good a classifier's probabilities are, as it gives them and with the temperature of its run.
 *
 * @param untempered of its own probabilities, the softmax of its logits
 * @param tempered with the run's temperature; nothing where it has none
 */
public record Calibration(Reliability untempered, Optional<Tempered> tempered) {
  /**
   * What a temperature makes of them (Guo et al. 2017, section 4.2): logits are divided by it.
   *
   * @param temperature above 0; above 1 it makes a learner less sure. No answer changes
   */
  public record Tempered(double temperature, Reliability reliability) {}
}
