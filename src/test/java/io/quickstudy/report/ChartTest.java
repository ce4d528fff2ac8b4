package io.quickstudy.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.report.Series.Look;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Axes, lines, pictures and markup, at their edges. */
class ChartTest {

  private static double[] list(double... v) {
    return v;
  }

  @Test
  void axesNameRoundNumbers() {
    assertEquals(List.of(0.0, 20.0, 40.0, 60.0, 80.0, 100.0), Scale.exactly(0, 100).ticks());
    assertEquals(List.of(0.2, 0.5, 1.0, 2.0), new Scale(0.15, 3, Scale.Kind.LOG).ticks());
    assertEquals(0.5, new Scale(0.01, 100, Scale.Kind.LOG).at(1), 1e-12);
    assertEquals("12.5k", Chart.tick(12500, Scale.exactly(0, 20000)));
    assertEquals("3e-5", Chart.tick(0.00003, Scale.exactly(0, 1)));
  }

  @Test
  void axesOfAnyRangeHaveTicksWithin() {
    double[] ends = {-1e9, -3, -1e-9, 0, 1e-12, 0.1, 1, 7, 1e6, 3e15};
    for (double from : ends) {
      for (double to : ends) {
        for (Scale.Kind kind : Scale.Kind.values()) {
          if (kind == Scale.Kind.LOG && from <= 0) {
            continue;
          }
          Scale s = Scale.around(from, to, kind);
          List<Double> ticks = s.ticks();
          String what = s + " " + ticks;
          assertTrue(ticks.size() >= 2 && ticks.size() <= 12, what);
          assertTrue(ticks.stream().allMatch(t -> s.at(t) > -1e-6 && s.at(t) < 1 + 1e-6), what);
        }
      }
    }
  }

  @Test
  void everySeriesIsDrawnWithinTheChartAndWithoutNaN() {
    double[][] values = {
      list(3),
      list(0, 0, 0),
      list(5, 5),
      list(1e-9, 1e9),
      list(-1, 1),
      list(2, Double.NaN, 4),
      list(Double.POSITIVE_INFINITY, 1, 2),
      list(1e-30, 1, 1e30)
    };
    for (double[] y : values) {
      for (Look look : Look.values()) {
        double[] x = IntStream.range(0, y.length).asDoubleStream().toArray();
        double[] e = new double[y.length];
        Arrays.fill(e, 0.5);
        Chart c = new Chart("title", "", "step", "").logIfWide();
        c.add(new Series("one", look, 0, x, y, e)).add(Series.level("level", 0, 1, 1));
        String figure = c.figure().toString();
        assertFalse(figure.contains("NaN") || figure.contains("Infinity"), figure);
        Matcher d = Pattern.compile(" d=\"([^\"]*)\"").matcher(figure);
        while (d.find()) {
          for (String n : d.group(1).split("[A-Za-z ]+", -1)) {
            if (!n.isEmpty()) {
              double v = Double.parseDouble(n);
              assertTrue(v >= -1000 && v <= 2000, () -> look + " " + n + " in " + figure);
            }
          }
        }
      }
    }
  }

  @Test
  void thinningKeepsTheMeanAndSmoothingTheLevel() {
    double[] x = IntStream.range(0, 1003).asDoubleStream().toArray();
    double[] y = Arrays.stream(x).map(v -> 7).toArray();
    Series s = Series.of("s", Look.LINE, 0, x, y);
    assertEquals(100, s.thinned(100).size());
    assertTrue(Arrays.stream(s.thinned(100).y()).allMatch(v -> Math.abs(v - 7) < 1e-9));
    assertEquals(501, Arrays.stream(s.thinned(1).x()).sum(), 1e-9);
    Series smooth = s.smoothed("t", Look.LINE, 20);
    assertTrue(Arrays.stream(smooth.y()).allMatch(v -> Math.abs(v - 7) < 1e-9));
    assertThrows(
        IllegalArgumentException.class,
        () -> Series.of("s", Look.LINE, 0, new double[2], new double[1]));
  }

  @Test
  void markupEscapesWhateverItIsGiven() {
    String evil = "<b onclick='x'>\"&</script>\u0000\ud800";
    Html h = new Html().open("p", "title", evil, "lang", null).text(evil).close();
    String escaped = "&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;&lt;/script&gt;\ufffd\ufffd";
    assertEquals("<p title=\"%s\">%s</p>\n".formatted(escaped, escaped), h.toString());
    assertEquals("a\ud83d\ude00b", new Html().text("a\ud83d\ude00b").toString());
    assertEquals("x/<wbr>y", new Html().path("x/y").toString());
    String json = new Html().json("{\"a\":\"</script><!--&\"}").toString();
    assertEquals(1, json.split("</", -1).length - 1, json);
    assertFalse(json.contains("<!--"), json);
    assertThrows(IllegalArgumentException.class, () -> new Html().own("style", "a</style>"));
    assertThrows(IllegalStateException.class, () -> new Html().open("p").toString());
  }

  private static String uri(ImageSet set, Pictures.Ink ink) {
    PixelMoves none = PixelMoves.of(Rotations.NONE, set.height(), set.width());
    Html h = new Html();
    new Pictures(set, none, ink).add(h, 0, 0, "an image");
    Matcher m = Pattern.compile("src=\"data:(image/[a-z]+;base64,[^\"]*)\"").matcher(h.toString());
    assertTrue(m.find(), h.toString());
    return m.group(1);
  }

  private static ImageSet one(int side, int channels, byte[] pixels) {
    return ImageSet.of("one", side, side, channels, pixels, List.of(new ImageClass("c", "", 0, 1)));
  }

  @Test
  void picturesAreTheImages() throws IOException {
    byte[] grey = new byte[8 * 8];
    byte[] coloured = new byte[8 * 8 * 3];
    for (int i = 0; i < coloured.length; i++) {
      grey[i % 64] = (byte) (i * 37);
      coloured[i] = (byte) (i * 91);
    }
    for (Pictures.Ink ink : Pictures.Ink.values()) {
      String uri = uri(one(8, 1, grey), ink);
      assertTrue(uri.startsWith("image/png"), uri);
      var image = read(uri);
      for (int i = 0; i < 64; i++) {
        int v = image.getRaster().getSample(i % 8, i / 8, 0);
        assertEquals(ink == Pictures.Ink.BRIGHT ? 255 - (grey[i] & 255) : grey[i] & 255, v);
      }
    }
    var image = read(uri(one(8, 3, coloured), Pictures.Ink.PHOTOGRAPH));
    for (int i = 0; i < 64; i++) {
      int rgb = image.getRGB(i % 8, i / 8);
      for (int c = 0; c < 3; c++) {
        assertEquals(coloured[3 * i + c] & 255, rgb >> (16 - 8 * c) & 255);
      }
    }
  }

  @Test
  void largePicturesBecomeSmall() throws IOException {
    byte[] pixels = new byte[500 * 500 * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (128 + 100 * Math.sin(i * 0.0007) + i % 13);
    }
    String uri = uri(one(500, 3, pixels), Pictures.Ink.PHOTOGRAPH);
    assertTrue(uri.startsWith("image/jpeg"), uri.substring(0, 20));
    assertEquals(125, read(uri).getWidth());
    assertTrue(uri.length() < 12_000, uri.length() + " characters");
  }

  private static java.awt.image.BufferedImage read(String uri) throws IOException {
    byte[] bytes = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
    return ImageIO.read(new ByteArrayInputStream(bytes));
  }
}
