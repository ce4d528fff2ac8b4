/**
 * Composites of primitives: softmax and losses ({@link io.quickstudy.functions.Losses}),
 * activations ({@link io.quickstudy.functions.Activations}), distances ({@link
 * io.quickstudy.functions.Distances}), normalisation ({@link
 * io.quickstudy.functions.Normalisation}), reductions and running totals ({@link
 * io.quickstudy.functions.Reductions}), order ({@link io.quickstudy.functions.Sorting}), products
 * by letters ({@link io.quickstudy.functions.Einsum}), positive definite systems ({@link
 * io.quickstudy.functions.LinearAlgebra}), random numbers ({@link
 * io.quickstudy.functions.Sampling}), distribution functions ({@link
 * io.quickstudy.functions.Distributions}).
 *
 * <p>May import: {@code graph}.
 */
package io.quickstudy.functions;
