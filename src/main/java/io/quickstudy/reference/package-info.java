/**
 * An interpreter of the graph in plain Java and double precision: slow, obviously right, and what
 * every backend is compared with. {@link io.quickstudy.reference.Reference} gives each op its
 * meaning one number at a time, with no sharing of memory, no fusion and no threads; nothing that
 * trains or serves runs on it.
 *
 * <p>May import: {@code graph}, and of {@code transform} the order of a graph's nodes.
 */
package io.quickstudy.reference;
