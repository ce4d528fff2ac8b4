package io.quickstudy.data.glyphs;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Split;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Procedurally drawn handwriting-like characters, so that everything runs at once and offline. A
 * class is a programme of one to six strokes in the style of its alphabet; a drawing is by one of
 * 20 writers with habits of their own. Everything follows from the seed.
 *
 * <p>The alphabets of the training part are drawn by other writers than those of the validation and
 * test parts of {@link Split#heldout}, so that these measure new characters by new hands.
 *
 * @param alphabets how many alphabets
 * @param characters characters per alphabet
 * @param side the images' height and width in pixels
 * @param seed the seed
 */
public record GlyphSet(int alphabets, int characters, int side, long seed) {
  /** Drawings per character, each by another writer. */
  public static final int WRITERS = 20;

  private static final int MAX_SIDE = 256;
  private static final int MAX_CHARACTERS = 1000;
  private static final int MAX_CLASSES = 100_000;

  /** Checks the numbers. */
  public GlyphSet {
    if (alphabets < 1
        || characters < 1
        || characters > MAX_CHARACTERS
        || (long) alphabets * characters > MAX_CLASSES) {
      throw new IllegalArgumentException(
          ("Glyphs of %s alphabets with %s characters: expected 1 to %s characters per alphabet "
                  + "and at most %s in all.")
              .formatted(alphabets, characters, MAX_CHARACTERS, MAX_CLASSES));
    }
    if (side < 8 || side > MAX_SIDE) {
      throw new IllegalArgumentException(
          "Glyphs at %s x %s pixels: expected 8 to %s; 28 is usual."
              .formatted(side, side, MAX_SIDE));
    }
    if ((long) alphabets * characters * WRITERS * side * side > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          ("Glyphs of %s characters at %s x %s pixels: expected at most 2 GiB of pixels; "
                  + "ask for fewer or smaller ones.")
              .formatted(alphabets * characters, side, side));
    }
  }

  /** The usual set: 50 alphabets of 26 characters, 26000 drawings. */
  public static GlyphSet usual(int side, long seed) {
    return new GlyphSet(50, 26, side, seed);
  }

  /** Draws all, on all cores: [n, side, side, 1], ink 255 on 0; a class's group is its alphabet. */
  public ImageSet draw() {
    int size = side * side;
    byte[] pixels = new byte[alphabets * characters * WRITERS * size];
    IntStream.range(0, alphabets).parallel().forEach(a -> draw(a, pixels, size));
    return ImageSet.of("glyphs", side, side, 1, pixels, classes());
  }

  private List<ImageClass> classes() {
    List<ImageClass> classes = new ArrayList<>();
    for (int c = 0; c < alphabets * characters; c++) {
      String group = String.format(Locale.ROOT, "alphabet%03d", c / characters + 1);
      String name = String.format(Locale.ROOT, "character%02d", c % characters + 1);
      classes.add(new ImageClass(name, group, c * WRITERS, WRITERS));
    }
    return classes;
  }

  /**
   * What the characters are like: how many strokes, loops and corners, which way strokes run, where
   * the ink lies. It follows from how a character is planned and from no drawing of it.
   */
  public Attributes attributes() {
    List<List<Map<String, Double>>> traits =
        IntStream.range(0, alphabets).parallel().mapToObj(this::traits).toList();
    List<String> names = List.copyOf(traits.getFirst().getFirst().keySet());
    float[] values = new float[alphabets * characters * names.size()];
    int at = 0;
    for (List<Map<String, Double>> alphabet : traits) {
      for (Map<String, Double> character : alphabet) {
        for (String name : names) {
          values[at++] = character.get(name).floatValue();
        }
      }
    }
    return new Attributes(names, classes().stream().map(ImageClass::fullName).toList(), values);
  }

  private List<Map<String, Double>> traits(int number) {
    GlyphAlphabet alphabet = new GlyphAlphabet(seed, number);
    List<Map<String, Double>> traits = new ArrayList<>();
    for (int c = 0; c < characters; c++) {
      traits.add(GlyphTraits.of(next(alphabet, number, c)));
    }
    return traits;
  }

  /** The next character of an alphabet; numbers stay the same when there are more of either. */
  private GlyphCharacter next(GlyphAlphabet alphabet, int number, int c) {
    return alphabet.next(new RandomStream(seed, RandomUse.GLYPH_CHARACTER, id(number, c)));
  }

  private static long id(int number, int c) {
    return ((long) number << 32) | c;
  }

  private void draw(int number, byte[] pixels, int size) {
    GlyphAlphabet alphabet = new GlyphAlphabet(seed, number);
    GlyphDrawing drawing = new GlyphDrawing(side);
    // New characters by new hands: each part of the split has its own writers.
    int hands =
        switch (Split.heldoutPart(number, alphabets)) {
          case TRAIN -> 0;
          case VAL -> WRITERS;
          case TEST -> 2 * WRITERS;
        };
    GlyphWriter[] writers = new GlyphWriter[WRITERS];
    for (int w = 0; w < WRITERS; w++) {
      writers[w] = GlyphWriter.of(seed, hands + w);
    }
    for (int c = 0; c < characters; c++) {
      long id = id(number, c);
      GlyphCharacter character = next(alphabet, number, c);
      for (int w = 0; w < WRITERS; w++) {
        RandomStream random = new RandomStream(seed, RandomUse.GLYPH_DRAWING, id * WRITERS + w);
        drawing.draw(
            character,
            writers[w],
            random,
            pixels,
            ((number * characters + c) * WRITERS + w) * size);
      }
    }
  }
}
