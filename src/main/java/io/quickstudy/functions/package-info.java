/**
 * Composites of primitives: softmax and losses ({@link io.quickstudy.functions.Losses}), distances
 * ({@link io.quickstudy.functions.Distances}), normalisation ({@link
 * io.quickstudy.functions.Normalisation}).
 *
 * <p>May import: {@code graph}.
 */
package io.quickstudy.functions;
