/**
 * Datasets, their splits and the sampling of tasks from them.
 *
 * <p>An {@link io.quickstudy.data.ImageSet} is resident on the device as bytes, so that an episode
 * is no more than a few integers per image: which example, moved by which row of a {@link
 * io.quickstudy.data.Warps} table, with which label. Gathering, turning and scaling the pixels
 * happens in the compiled program.
 *
 * <p>Everything random comes from a counter-based generator ({@link io.quickstudy.data.Philox}):
 * episode {@code i} of seed {@code s} is the same on any machine, thread count and device, and can
 * be replayed without the episodes before it.
 *
 * <p>Own folders of images ({@link io.quickstudy.data.FolderData}) are listed, split by class, and
 * decoded once into a file that is mapped from then on; the heap never holds them all. {@link
 * io.quickstudy.data.Fingerprint} tells whether images and split are those of another time.
 *
 * <p>May import {@code io.quickstudy.graph}.
 */
package io.quickstudy.data;
