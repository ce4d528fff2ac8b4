/**
 * What a run's numbers mean. {@link io.quickstudy.explain.TwoBatches} is the analysis of section 5
 * of Nichol, Achiam and Schulman (2018) as graph: the directions of MAML, FOMAML and Reptile on two
 * mini-batches of a task, and the two terms A and B that all of them lead with. {@link
 * io.quickstudy.explain.GradientTerms} measures these on tasks of the data, and how far the
 * expansions hold.
 *
 * <p>May import: {@code train}, {@code run}, {@code data}, {@code learner}, {@code nn}, {@code
 * task}, {@code settings}, {@code text}, {@code reference}, {@code runtime}, {@code transform}, and
 * {@code graph}.
 */
package io.quickstudy.explain;
