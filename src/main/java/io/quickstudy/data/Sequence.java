package io.quickstudy.data;

/**
 * One sequence of images, as indices.
 *
 * @param index example numbers in the image set, [length]
 * @param warp rows of the warp table, [length]
 * @param label labels from 0 to ways - 1, [length]
 * @param instance which appearance of its class an image is, from 1, [length]
 */
public record Sequence(int[] index, int[] warp, int[] label, int[] instance) {}
