/**
 * The list of our learners, {@link io.quickstudy.learners.Learners}. They stand in rooms by family,
 * one file for each paper.
 *
 * <p>May import: {@code learner}, {@code learners.metric}, {@code learners.gradient}, {@code
 * learners.memory}, {@code learners.closed}, {@code learners.bayesian}.
 */
package io.quickstudy.learners;
