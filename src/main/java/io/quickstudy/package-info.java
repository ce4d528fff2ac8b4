/**
 * {@link io.quickstudy.Quickstudy}, where Java programs come in; everything else is in the packages
 * below.
 *
 * <p>May import: {@code adapt}, {@code check}, {@code compare}, {@code data}, {@code learner},
 * {@code run}, {@code train}.
 */
package io.quickstudy;
