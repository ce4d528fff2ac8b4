/**
 * Learners that know what a support set leaves open: a distribution over what is adapted, of which
 * predictions are the mean. One file for each paper, in the paper's order and letters: its options,
 * its {@link io.quickstudy.learner.LearnerKind}, its method. Random numbers come from the key of a
 * {@link io.quickstudy.task.Task} while training, and from a fixed one where a run is put to work,
 * so that the same question has the same answer. No devices, loops over tasks, logging or flags
 * here.
 *
 * <p>May import: {@code learner}, {@code learners.inner}, {@code settings}, {@code nn}, {@code
 * optim}, {@code functions}, {@code transform}, {@code task}, {@code graph}; never {@code backend}
 * or {@code runtime}.
 */
package io.quickstudy.learners.bayesian;
