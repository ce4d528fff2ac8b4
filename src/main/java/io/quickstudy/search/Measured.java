package io.quickstudy.search;

import io.quickstudy.nn.Cell;

/**
 * A cell that was trained and measured.
 *
 * @param cell what it is
 * @param filters of its convolutions
 * @param numbers how many its learner learned
 * @param accuracy on validation classes, 0 to 1; 0 where its loss became no number
 * @param ci95 half of its interval
 */
public record Measured(Cell cell, int filters, long numbers, double accuracy, double ci95) {}
