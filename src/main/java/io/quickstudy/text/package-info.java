/**
 * Words for people: names that are nearly right ({@link io.quickstudy.text.Names}), numbers and
 * times ({@link io.quickstudy.text.Text}).
 *
 * <p>May import: nothing.
 */
package io.quickstudy.text;
