/**
 * Optimisers as pure functions: {@link io.quickstudy.optim.Optimiser} turns parameters, a gradient
 * and its own slots into new parameters and slots. Rates follow a {@link
 * io.quickstudy.optim.Schedule} of the step number; a {@link io.quickstudy.optim.Clip} limits the
 * gradient. All of it is graph, so it is part of the compiled meta-step.
 *
 * <p>May import: {@code transform}, {@code functions}, {@code graph}.
 */
package io.quickstudy.optim;
