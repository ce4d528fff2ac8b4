package io.quickstudy.data;

import io.quickstudy.text.Text;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The mean and the deviation of each column of a table of numbers, or of each channel of images.
 * The arrays are not copied and not to be changed.
 *
 * @param mean of each column
 * @param deviation of each column about its mean, divided by the number of rows; 0 where all its
 *     numbers are the same
 */
public record Moments(double[] mean, double[] deviation) {
  private static final double UNEVEN = 10;

  /**
   * Those of a set's columns.
   *
   * @param classes numbers of the classes whose rows count, at least one
   */
  public static Moments of(VectorSet set, int... classes) {
    int width = set.width();
    double[] mean = new double[width];
    double[] deviation = new double[width];
    long rows = 0;
    for (int k : classes) {
      ImageClass c = set.classes().get(k);
      rows += c.count();
      for (int i = c.first() * width; i < (c.first() + c.count()) * width; i++) {
        mean[i % width] += set.values()[i];
      }
    }
    for (int i = 0; i < width; i++) {
      mean[i] /= rows;
    }
    for (int k : classes) { // a second time, as squares of large numbers that differ little cancel
      ImageClass c = set.classes().get(k);
      for (int i = c.first() * width; i < (c.first() + c.count()) * width; i++) {
        double off = set.values()[i] - mean[i % width];
        deviation[i % width] += off * off;
      }
    }
    for (int i = 0; i < width; i++) {
      deviation[i] = Math.sqrt(deviation[i] / rows);
    }
    return new Moments(mean, deviation);
  }

  /**
   * Those of a set's channels, of pixels from 0 to 1.
   *
   * @param classes numbers of the classes whose images count, at least one
   */
  public static Moments of(ImageSet set, int... classes) {
    int channels = set.channels();
    long[][] counts = new long[channels][256];
    long pixels = 0;
    ByteBuffer bytes = set.pixels();
    for (int k : classes) {
      ImageClass c = set.classes().get(k);
      int first = c.first() * set.imageBytes();
      int past = first + c.count() * set.imageBytes();
      pixels += (past - first) / channels;
      for (int i = first; i < past; i++) {
        counts[i % channels][bytes.get(i) & 0xff]++;
      }
    }
    double[] mean = new double[channels];
    double[] deviation = new double[channels];
    for (int c = 0; c < channels; c++) {
      for (int v = 0; v < 256; v++) {
        mean[c] += counts[c][v] * (v / 255.0) / pixels;
      }
      for (int v = 0; v < 256; v++) {
        deviation[c] += counts[c][v] * Math.pow(v / 255.0 - mean[c], 2) / pixels;
      }
      deviation[c] = Math.sqrt(deviation[c]);
    }
    return new Moments(mean, deviation);
  }

  /**
   * A line about the first column that networks, whose weights start for numbers near 1, learn
   * badly from; often nothing.
   *
   * @param names of the columns; none of those that have none
   * @param repair what to do
   */
  public Optional<String> uneven(List<String> names, String repair) {
    for (int i = 0; i < mean.length; i++) {
      double size = Math.hypot(mean[i], deviation[i]);
      if (size > UNEVEN || (deviation[i] > 0 && deviation[i] < 1 / UNEVEN)) {
        return Optional.of(
            String.format(
                Locale.ROOT,
                "column %s has the mean %s and the deviation %s: networks start best with 0 and"
                    + " 1, so %s if training is slow",
                names.isEmpty() ? Integer.toString(i) : "'" + names.get(i) + "'",
                Text.number(mean[i]),
                Text.number(deviation[i]),
                repair));
      }
    }
    return Optional.empty();
  }

  /** Those of all rows of a set. */
  public static Moments of(VectorSet set) {
    int[] all = new int[set.classes().size()];
    java.util.Arrays.setAll(all, k -> k);
    return of(set, all);
  }
}
