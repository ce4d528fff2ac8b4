package io.quickstudy.report;

import java.awt.image.BufferedImage;

/** Numbers from 0 to 1 over time as pictures: a step is a column, from left to right. */
final class Matrices {
  /** Points across for a step, if all fit into {@link #MOST}. */
  private static final int STEP = 10;

  private static final int MOST = 900;
  private static final int LEAST = 2;

  private final int steps;
  private final int step;

  /** Pictures of so many steps, under each other. */
  Matrices(int steps) {
    this.steps = steps;
    this.step = Math.clamp(MOST / Math.max(1, steps), LEAST, STEP);
  }

  /**
   * A picture.
   *
   * @param values row-major [steps, rows]
   * @param tall points down for a row
   * @param title what it shows
   */
  void add(Html h, float[] values, int tall, String title) {
    int rows = values.length / steps;
    BufferedImage image = new BufferedImage(steps, rows, BufferedImage.TYPE_BYTE_GRAY);
    for (int t = 0; t < steps; t++) {
      for (int r = 0; r < rows; r++) {
        float v = Math.clamp(values[t * rows + r], 0f, 1f);
        image.getRaster().setSample(t, r, 0, 255 - Math.round(255 * v));
      }
    }
    h.open("div", "class", "bits").element("p", title, "class", "aside");
    h.empty(
        "img",
        "src",
        Pictures.png(image),
        "alt",
        title,
        "width",
        Integer.toString(steps * step),
        "height",
        Integer.toString(rows * tall),
        "class",
        "pixels ink");
    h.close();
  }
}
