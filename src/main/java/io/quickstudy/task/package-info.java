/**
 * What one task is: a {@link io.quickstudy.task.Task} of support and query sets (of classes that
 * are shown or described), or a {@link io.quickstudy.task.Sequence} of examples seen one after the
 * other; for some learners {@link io.quickstudy.task.Pairs} or a {@link io.quickstudy.task.Batch}
 * of labelled examples. The samplers of {@code data} make them and the {@code learners} take them,
 * so neither has to know the other.
 *
 * <p>May import: {@code graph}, {@code transform}.
 */
package io.quickstudy.task;
