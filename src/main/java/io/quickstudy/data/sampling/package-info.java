/**
 * Draws tasks from images ({@link io.quickstudy.data.sampling.TaskSampler}): episodes, sequences,
 * pairs, tasks of described classes, and plain labelled images. An {@link
 * io.quickstudy.data.sampling.AugmentedSampler} adds random changes of the images to any of them,
 * as an {@link io.quickstudy.data.sampling.Augmentation} says: more integers per image.
 *
 * <p>An {@link io.quickstudy.data.ImageSet} is resident on the device as bytes, so that a task is
 * no more than a few integers per image: which example, moved by which row of a {@link
 * io.quickstudy.data.sampling.PixelMoves} table, with which label. Gathering, turning and scaling
 * the pixels happens in the compiled program.
 *
 * <p>Task {@code i} of seed {@code s} is the same on any machine, thread count and device, and can
 * be replayed without the tasks before it.
 *
 * <p>May import: {@code data}, {@code random}, {@code text}.
 */
package io.quickstudy.data.sampling;
