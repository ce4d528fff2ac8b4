package io.quickstudy.data.glyphs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Split;
import io.quickstudy.data.image.Pixels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class GlyphSetTest {
  private static final ImageSet SET = new GlyphSet(10, 12, 28, 0).draw();

  /** Pins the meaning of a seed: a change here makes every run on glyphs another one. */
  @Test
  void seedsKeepTheirMeaning() {
    assertEquals(2870485591L, checksum(SET));
    assertEquals(checksum(SET), checksum(new GlyphSet(10, 12, 28, 0).draw()));
    assertNotEquals(checksum(SET), checksum(new GlyphSet(10, 12, 28, 1).draw()));
  }

  private static long checksum(ImageSet set) {
    CRC32 crc = new CRC32();
    crc.update(set.pixels());
    return crc.getValue();
  }

  /** Omniglot at this size: 0.080 mean ink, 0.028 standard deviation. */
  @Test
  void inkIsLikeOmniglots() {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < SET.examples(); i++) {
      double ink = 0;
      int brightest = 0;
      for (byte b : SET.image(i)) {
        ink += (b & 255) / 255.0 / 784;
        brightest = Math.max(brightest, b & 255);
      }
      assertTrue(brightest > 150, "drawing " + i + " is not empty");
      assertTrue(ink < 0.35, "drawing " + i + " is no blot");
      sum += ink;
      squares += ink * ink;
    }
    double mean = sum / SET.examples();
    assertEquals(0.080, mean, 0.012);
    assertEquals(0.030, Math.sqrt(squares / SET.examples() - mean * mean), 0.01);
  }

  @Test
  void drawingsOfAClassDifferButLessThanClasses() {
    double within = 0;
    double between = 0;
    int pairs = 0;
    for (int c = 0; c + 1 < SET.classes().size(); c++) {
      byte[] first = SET.image(c * 20);
      for (int k = 1; k < 20; k++) {
        byte[] second = SET.image(c * 20 + k);
        assertTrue(!Arrays.equals(first, second));
        within += distance(first, second);
        between += distance(first, SET.image((c * 20 + 20 * 7 + k) % SET.examples()));
        pairs++;
      }
    }
    assertTrue(within / pairs > 25, "within " + within / pairs);
    assertTrue(between > 1.2 * within, between / pairs + " between, within " + within / pairs);
  }

  private static double distance(byte[] a, byte[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = ((a[i] & 255) - (b[i] & 255)) / 255.0;
      sum += d * d;
    }
    return sum;
  }

  @Test
  void smallerDrawingsShowTheSame() {
    ImageSet small = new GlyphSet(1, 3, 20, 0).draw();
    ImageSet large = new GlyphSet(1, 3, 100, 0).draw();
    byte[] scaled = new Pixels(100, 100, 1, large.image(5)).resized(20, 20).values();
    assertTrue(distance(scaled, small.image(5)) < 2);
  }

  @Test
  void classesBelongToAlphabets() {
    assertEquals(120, SET.classes().size());
    assertEquals("alphabet002/character01", SET.classes().get(12).fullName());
    Split split = Split.heldout(SET);
    assertEquals("heldout 84/12/24", split.toString());
  }

  @Test
  void impossibleSetsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new GlyphSet(0, 1, 28, 0));
    assertThrows(IllegalArgumentException.class, () -> new GlyphSet(1, 1, 7, 0));
    assertThrows(IllegalArgumentException.class, () -> new GlyphSet(300, 300, 256, 0));
  }

  /** Pins what the attributes mean, and that they are of a character and of no drawing of it. */
  @Test
  void attributesFollowFromHowACharacterIsPlanned() {
    Attributes a = new GlyphSet(10, 12, 28, 0).attributes();
    assertEquals(SET.classes().stream().map(ImageClass::fullName).toList(), a.classes());
    CRC32 crc = new CRC32();
    for (float v : a.values()) {
      crc.update(Math.round(1000 * v));
    }
    assertEquals(3874145431L, crc.getValue());
    assertArrayEquals(a.values(), new GlyphSet(10, 12, 14, 0).attributes().values());
    Attributes more = new GlyphSet(20, 12, 28, 0).attributes();
    assertArrayEquals(a.row(119), more.row(119));
    Attributes other = new GlyphSet(10, 12, 28, 1).attributes();
    assertFalse(Arrays.equals(a.values(), other.values()));
  }

  /** Two strokes that cross, one of them with a corner; a ring; and a dot. */
  @Test
  void attributesAreCountedRight() {
    GlyphStroke down = new GlyphStroke.Builder().corner(0, -0.5).corner(0, 0.5).build();
    GlyphStroke bent =
        new GlyphStroke.Builder().corner(-0.5, 0).corner(0.5, 0).corner(0.5, 0.4).build();
    Map<String, Double> t = traits(down, bent);
    assertEquals(2 / 6.0, t.get("strokes"), 1e-12);
    assertEquals(1 / 4.0, t.get("crossings"), 1e-12);
    assertEquals(1 / 6.0, t.get("corners"), 1e-12);
    assertEquals(4 / 8.0, t.get("free ends"), 1e-12);
    assertEquals(0, t.get("joins"), 1e-12);
    assertEquals(2.4 / 5, t.get("length"), 1e-12);
    assertEquals(1.4 / 2.4, t.get("upright"), 1e-12);
    assertEquals(1 / 2.4, t.get("level"), 1e-12);
    assertEquals(0.25 / 2, t.get("clockwise"), 1e-12, "a quarter of two turns");
    GlyphStroke ring =
        new GlyphStroke.Builder().ellipse(0, 0, 0.5, 0.5, 0, 2 * StrictMath.PI, 1).build();
    GlyphStroke dot = new GlyphStroke.Builder().corner(0, 0).corner(0.02, 0.02).build();
    t = traits(ring, dot);
    assertEquals(1 / 3.0, t.get("loops"), 1e-12);
    assertEquals(1 / 2.0, t.get("dots"), 1e-12);
    assertEquals(2 / 8.0, t.get("free ends"), 1e-12, "those of the dot");
    assertEquals(1, t.get("width"), 1e-12);
    assertEquals(0, t.get("corners"), 1e-12);
    assertTrue(t.get("curvature") > 0.35, "nearly a full turn: " + t.get("curvature"));
    assertTrue(t.get("top centre") > 0.15 && t.get("middle centre") < 0.05, t.toString());
  }

  private static Map<String, Double> traits(GlyphStroke... strokes) {
    return GlyphTraits.of(new GlyphCharacter(List.of(strokes), 1, false, new double[64]));
  }
}
