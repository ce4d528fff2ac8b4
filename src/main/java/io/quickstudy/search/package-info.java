/**
 * Progressive search for a cell that meta-learns well (Kim et al. 2018: Auto-Meta), as {@code
 * quickstudy search} does: cells of one block are all trained and measured on validation classes;
 * what was measured predicts which larger ones are worth it. Every candidate is a run like any
 * other, so that a search that was stopped goes on.
 *
 * <p>May import: {@code nn}, {@code run}, {@code train}, {@code settings}, {@code transform},
 * {@code learner}.
 */
package io.quickstudy.search;
