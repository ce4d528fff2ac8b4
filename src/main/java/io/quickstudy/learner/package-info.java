/**
 * What a learner is. A {@link io.quickstudy.learner.Learner} says how to initialise, what its loss
 * on one task is, and how it predicts after seeing a support set; batching over tasks, the outer
 * gradient and the optimiser are the runner's. Its {@link io.quickstudy.learner.LearnerKind} says
 * all that the rest of the program knows of it. Ours stand in {@code learners} and its rooms; a
 * user's own is found by its class.
 *
 * <p>May import: {@code settings}, {@code nn}, {@code optim}, {@code functions}, {@code transform},
 * {@code task}, {@code graph}; never {@code backend} or {@code runtime}.
 */
package io.quickstudy.learner;
