package io.quickstudy.report;

import io.quickstudy.data.Moments;
import io.quickstudy.data.VectorSet;
import io.quickstudy.text.Text;

/**
 * Vectors of a set as the page shows them: a bar for each number, up from the middle where it is
 * above its column's mean and down where it is below; of long vectors the means of neighbours.
 */
final class Profiles implements Looks {
  private static final int WIDTH = 56;
  private static final int HEIGHT = 40;
  private static final int MOST_BARS = 28;

  /** So many deviations from the mean reach the edge. */
  private static final double REACH = 2.5;

  private final VectorSet set;
  private final Moments moments;
  private long bytes;

  Profiles(VectorSet set) {
    this.set = set;
    this.moments = Moments.of(set);
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void add(Html h, int index, int move, String alt) {
    String d = bars(index);
    bytes += d.length();
    h.open(
        "svg",
        "class",
        "profile",
        "viewBox",
        "0 0 %s %s".formatted(WIDTH, HEIGHT),
        "width",
        Integer.toString(WIDTH),
        "height",
        Integer.toString(HEIGHT),
        "role",
        "img",
        "aria-label",
        alt);
    h.element("title", alt).open("path", "d", d).close().close();
  }

  /** Upright lines from the middle, each in the middle of its share of the width. */
  private String bars(int index) {
    int n = Math.min(MOST_BARS, set.width());
    StringBuilder d = new StringBuilder();
    for (int bar = 0; bar < n; bar++) {
      int from = (int) ((long) bar * set.width() / n);
      int to = (int) ((long) (bar + 1) * set.width() / n);
      double sum = 0;
      for (int i = from; i < to; i++) {
        double deviation = moments.deviation()[i];
        double off = set.values()[index * set.width() + i] - moments.mean()[i];
        sum += deviation == 0 ? 0 : off / deviation;
      }
      double up = Math.clamp(sum / (to - from) / REACH, -1, 1) * (HEIGHT / 2.0 - 1);
      d.append('M').append(tenth((bar + 0.5) * WIDTH / n)).append(' ').append(HEIGHT / 2);
      d.append('v').append(tenth(-up));
    }
    return d.toString();
  }

  private static String tenth(double v) {
    return Text.fixed(v, 1);
  }
}
