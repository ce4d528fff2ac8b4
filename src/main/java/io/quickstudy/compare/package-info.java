/**
 * Runs side by side: {@link io.quickstudy.compare.Comparison} measures them on the same tasks, and
 * has the differences task by task, what each takes to adapt and to predict, and how large it is.
 *
 * <p>May import: {@code settings}, {@code run}, {@code train}, {@code adapt}, {@code learner},
 * {@code nn}, {@code data}, {@code task}, {@code text}, {@code runtime}, and {@code graph} for
 * shapes.
 */
package io.quickstudy.compare;
