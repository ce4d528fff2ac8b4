/**
 * The meta-learners, one file for each paper, in the paper's order and letters. A {@link
 * io.quickstudy.learners.Learner} says how to initialise, what its loss on one task is, and how it
 * predicts after seeing a support set; batching over tasks, the outer gradient and the optimiser
 * are the runner's. No devices, loops over tasks, logging or flags here.
 *
 * <p>Beside its method each has its options and a {@link io.quickstudy.learners.LearnerKind} that
 * says all that the rest of the program knows of it; {@link io.quickstudy.learners.Learners} lists
 * ours, and a user's own is found by its class.
 *
 * <p>May import: {@code settings}, {@code nn}, {@code optim}, {@code functions}, {@code transform},
 * {@code task}, {@code graph}; never {@code backend} or {@code runtime}.
 */
package io.quickstudy.learners;
