/**
 * Whether a learner is computed rightly, for those who write one: its whole meta-gradient against
 * differences of its loss in double precision, tasks batched against a loop over tasks, and every
 * device against the reference.
 *
 * <p>{@link io.quickstudy.check.Subject} says what is checked and on which {@link
 * io.quickstudy.check.TaskShape tasks}; {@link io.quickstudy.check.LearnerCheck} does it, and
 * {@link io.quickstudy.check.CheckReport} says what was found. Small shapes will do: the reference
 * is slow, and a wrong gradient is as wrong on an image of 8x8 pixels.
 *
 * <p>May import: {@code learner}, {@code nn}, {@code task}, {@code reference}, {@code runtime},
 * {@code transform}, {@code graph}, and the types of {@code backend} that {@code runtime} hands
 * out.
 */
package io.quickstudy.check;
