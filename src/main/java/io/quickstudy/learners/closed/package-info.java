/**
 * Learners whose head is solved: on an embedding that is learned, a support set's linear classifier
 * is the solution of a problem, in closed form or by a method that converges, and the outer
 * gradient passes through it. One file for each paper, in the paper's order and letters: its
 * options, its {@link io.quickstudy.learner.LearnerKind}, its method. No devices, loops over tasks,
 * logging or flags here.
 *
 * <p>May import: {@code learner}, {@code settings}, {@code nn}, {@code optim}, {@code functions},
 * {@code transform}, {@code task}, {@code graph}; never {@code backend} or {@code runtime}.
 */
package io.quickstudy.learners.closed;
