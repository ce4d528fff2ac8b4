/**
 * Random numbers from a counter-based generator ({@link io.quickstudy.random.Philox}): a {@link
 * io.quickstudy.random.RandomStream} of a seed, a {@link io.quickstudy.random.RandomUse} and an
 * index is the same on any machine, thread count and device, whatever was drawn before.
 *
 * <p>May import: nothing.
 */
package io.quickstudy.random;
