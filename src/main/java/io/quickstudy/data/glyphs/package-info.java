/**
 * Draws handwriting-like characters ({@link io.quickstudy.data.glyphs.GlyphSet}): alphabets with a
 * style, characters of strokes, writers with habits.
 *
 * <p>May import: {@code data}, {@code random}.
 */
package io.quickstudy.data.glyphs;
