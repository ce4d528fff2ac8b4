package io.quickstudy.data.sampling;

/**
 * One sequence of images, as indices.
 *
 * @param index example numbers in the image set, [length]
 * @param move rows of the move table, [length]
 * @param label labels from 0 to ways - 1, [length]
 * @param instance which appearance of its class an image is, from 1, [length]
 */
public record DrawnSequence(int[] index, int[] move, int[] label, int[] instance) {}
