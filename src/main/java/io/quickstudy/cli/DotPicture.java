package io.quickstudy.cli;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** A drawing as text: each letter of Braille is two dots wide and four high. */
final class DotPicture {
  private static final int BLANK = 0x2800;
  private static final int WIDTH = 2;
  private static final int HEIGHT = 4;

  /** The bit of each dot, row by row (Unicode, block Braille Patterns). */
  private static final int[][] DOTS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

  private static final int DARK = 128;

  private DotPicture() {}

  /**
   * A picture whose ink is dark; a dot stands where there is any ink in its part of the picture.
   *
   * @param columns of the text; its rows are half as many
   */
  static List<String> of(BufferedImage picture, int columns) {
    int rows = columns / 2;
    List<String> out = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        int letter = BLANK;
        for (int y = 0; y < HEIGHT; y++) {
          for (int x = 0; x < WIDTH; x++) {
            boolean ink =
                ink(picture, column * WIDTH + x, columns * WIDTH, row * HEIGHT + y, rows * HEIGHT);
            letter |= ink ? DOTS[y][x] : 0;
          }
        }
        line.append((char) letter);
      }
      out.add(line.toString());
    }
    return out;
  }

  private static boolean ink(BufferedImage picture, int x, int across, int y, int down) {
    int w = picture.getWidth();
    int h = picture.getHeight();
    for (int py = y * h / down; py < (y + 1) * h / down; py++) {
      for (int px = x * w / across; px < (x + 1) * w / across; px++) {
        if (picture.getRaster().getSample(px, py, 0) < DARK) {
          return true;
        }
      }
    }
    return false;
  }
}
