/**
 * The data sets, one file each, and what only they need.
 *
 * <p>May import: {@code data}, {@code data.image}, {@code data.glyphs}, {@code data.table}, {@code
 * graph}, {@code random}, {@code text}.
 */
package io.quickstudy.data.source;
