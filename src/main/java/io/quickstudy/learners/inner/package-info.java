/**
 * Adapting by gradient steps, as small values that learners choose: which {@link
 * io.quickstudy.learners.inner.Part} of the parameters moves, by which {@link
 * io.quickstudy.learners.inner.Rates}, whether the outer gradient passes through ({@link
 * io.quickstudy.learners.inner.Order}), and with which gains and statistics of batch norm ({@link
 * io.quickstudy.learners.inner.StepNorm}). An {@link io.quickstudy.learners.inner.InnerLoop} is all
 * of these.
 *
 * <p>May import: {@code learner}, {@code settings}, {@code nn}, {@code functions}, {@code
 * transform}, {@code task}, {@code graph}; never {@code backend} or {@code runtime}.
 */
package io.quickstudy.learners.inner;
