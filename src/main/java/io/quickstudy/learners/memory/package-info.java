/**
 * Learners that read a support set, most of them one example at a time, and remember. One file for
 * each paper, in the paper's order and letters: its options, its {@link
 * io.quickstudy.learner.LearnerKind}, its method. Those that are networks over time share {@code
 * Recurrent}: how one begins and what a step does is all that a new one says. No devices, loops
 * over tasks, logging or flags here.
 *
 * <p>May import: {@code learner}, {@code learners.inner}, {@code settings}, {@code nn}, {@code
 * optim}, {@code functions}, {@code transform}, {@code task}, {@code graph}; never {@code backend}
 * or {@code runtime}.
 */
package io.quickstudy.learners.memory;
