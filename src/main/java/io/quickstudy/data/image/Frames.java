package io.quickstudy.data.image;

import io.quickstudy.data.Framing;
import java.util.Arrays;

/**
 * What part of a picture is seen, at what size: a window of the target's aspect, which may go
 * beyond the picture; there it has the colour of the paper, the median of the picture's border.
 */
final class Frames {
  /**
   * How much larger the window is than what is drawn: the longer side of Omniglot's characters is
   * 0.62 of their frame in the mean.
   */
  private static final double MARGIN = 1.6;

  /** What differs less from the paper, after averaging over 3 x 3 pixels, is paper. */
  private static final int LEAST_INK = 12;

  /** Ink is what differs from the paper at least this much as the darkest of it does. */
  private static final double INK = 0.35;

  private static final int DUST = 1000;

  private final Pixels picture;
  private final byte[] paper;
  private final int height;
  private final int width;

  private Frames(Pixels picture, int height, int width) {
    this.picture = picture;
    this.paper = paper(picture);
    this.height = height;
    this.width = width;
  }

  /** A picture, framed and scaled. */
  static Pixels of(Pixels p, Framing framing, int height, int width) {
    boolean whole = framing.fit() == Framing.Fit.STRETCH && framing.trim() == Framing.Trim.NONE;
    return whole ? p.resized(height, width) : new Frames(p, height, width).framed(framing);
  }

  private Pixels framed(Framing framing) {
    if (framing.trim() == Framing.Trim.MARGIN) {
      int[] box = drawn();
      if (box.length > 0) {
        double tall = MARGIN * Math.max(box[2], (double) box[3] * height / width);
        return window(box[0] + box[2] / 2.0, box[1] + box[3] / 2.0, tall);
      }
    }
    double all = picture.height();
    double asWide = (double) picture.width() * height / width;
    double tall =
        switch (framing.fit()) {
          case STRETCH -> 0;
          case CROP -> Math.min(all, asWide);
          case PAD -> Math.max(all, asWide);
        };
    return tall == 0
        ? picture.resized(height, width)
        : window(all / 2, picture.width() / 2.0, tall);
  }

  /** What a window of the target's aspect shows. */
  private Pixels window(double middleY, double middleX, double tall) {
    double wide = tall * width / height;
    int[] y = inside(middleY - tall / 2, tall, picture.height(), height);
    int[] x = inside(middleX - wide / 2, wide, picture.width(), width);
    Pixels part = part(y[0], x[0], y[1], x[1]).resized(y[3], x[3]);
    int c = picture.channels();
    byte[] values = new byte[height * width * c];
    for (int i = 0; i < values.length; i++) {
      values[i] = paper[i % c];
    }
    for (int row = 0; row < y[3]; row++) {
      System.arraycopy(
          part.values(), row * x[3] * c, values, ((y[2] + row) * width + x[2]) * c, x[3] * c);
    }
    return new Pixels(height, width, c, values);
  }

  /**
   * Along one side.
   *
   * @return first and number of the picture's pixels that the window shows, and of its own
   */
  private static int[] inside(double start, double length, int pixels, int target) {
    int first = Math.clamp(Math.round(start), 0, pixels - 1);
    int end = (int) Math.clamp(Math.round(start + length), first + 1L, pixels);
    int to = Math.clamp(Math.round((first - start) * target / length), 0, target - 1);
    int toEnd = (int) Math.clamp(Math.round((end - start) * target / length), to + 1L, target);
    return new int[] {first, end - first, to, toEnd - to};
  }

  private Pixels part(int top, int left, int tall, int wide) {
    int c = picture.channels();
    byte[] values = new byte[tall * wide * c];
    for (int row = 0; row < tall; row++) {
      int from = ((top + row) * picture.width() + left) * c;
      System.arraycopy(picture.values(), from, values, row * wide * c, wide * c);
    }
    return new Pixels(tall, wide, c, values);
  }

  private static byte[] paper(Pixels p) {
    int c = p.channels();
    byte[] paper = new byte[c];
    int[] border = new int[2 * (p.height() + p.width())];
    for (int k = 0; k < c; k++) {
      int n = 0;
      for (int x = 0; x < p.width(); x++) {
        border[n++] = p.values()[x * c + k] & 255;
        border[n++] = p.values()[((p.height() - 1) * p.width() + x) * c + k] & 255;
      }
      for (int y = 0; y < p.height(); y++) {
        border[n++] = p.values()[y * p.width() * c + k] & 255;
        border[n++] = p.values()[((y + 1) * p.width() - 1) * c + k] & 255;
      }
      Arrays.sort(border);
      paper[k] = (byte) border[n / 2];
    }
    return paper;
  }

  /**
   * Where something is drawn: top, left, height, width; nothing if the picture is blank. A
   * thousandth of the ink at each side may be dust.
   */
  private int[] drawn() {
    int tall = picture.height();
    int wide = picture.width();
    int[] ink = averaged();
    int most = 0;
    for (int i : ink) {
      most = Math.max(most, i);
    }
    if (most < LEAST_INK) {
      return new int[0];
    }
    int least = (int) Math.max(LEAST_INK, INK * most);
    int[] rows = new int[tall];
    int[] columns = new int[wide];
    for (int y = 0; y < tall; y++) {
      for (int x = 0; x < wide; x++) {
        if (ink[y * wide + x] >= least) {
          rows[y]++;
          columns[x]++;
        }
      }
    }
    int[] y = span(rows);
    int[] x = span(columns);
    return new int[] {y[0], x[0], y[1] - y[0], x[1] - x[0]};
  }

  /** First and behind the last of what counts, dust left out at both ends. */
  private static int[] span(int[] counts) {
    int dust = Arrays.stream(counts).sum() / DUST;
    int first = 0;
    for (int sum = counts[0]; sum <= dust; sum += counts[first]) {
      first++;
    }
    int last = counts.length - 1;
    for (int sum = counts[last]; sum <= dust; sum += counts[last]) {
      last--;
    }
    return new int[] {first, Math.max(last, first) + 1};
  }

  /** How far each pixel is from the paper in its farthest channel, the mean over 3 x 3. */
  private int[] averaged() {
    int tall = picture.height();
    int wide = picture.width();
    int c = picture.channels();
    byte[] values = picture.values();
    int[] along = new int[tall * wide];
    int[] row = new int[wide + 2];
    for (int y = 0; y < tall; y++) {
      for (int x = 0; x < wide; x++) {
        int most = 0;
        for (int k = 0; k < c; k++) {
          int away = (values[(y * wide + x) * c + k] & 255) - (paper[k] & 255);
          most = Math.max(most, Math.abs(away));
        }
        row[x + 1] = most;
      }
      row[0] = row[1];
      row[wide + 1] = row[wide];
      for (int x = 0; x < wide; x++) {
        along[y * wide + x] = row[x] + row[x + 1] + row[x + 2];
      }
    }
    int[] all = new int[tall * wide];
    for (int y = 0; y < tall; y++) {
      int above = Math.max(0, y - 1) * wide;
      int below = Math.min(tall - 1, y + 1) * wide;
      for (int x = 0; x < wide; x++) {
        all[y * wide + x] = (along[above + x] + along[y * wide + x] + along[below + x]) / 9;
      }
    }
    return all;
  }
}
