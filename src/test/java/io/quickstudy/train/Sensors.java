package io.quickstudy.train;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Vectors as sensors give them: a class has a place in the first numbers of a row, near which its
 * rows are; the others are noise, and far larger. Whoever learns which is which errs seldom.
 */
public final class Sensors {
  /** Numbers that say of what class a row is. */
  private static final int TOLD = 6;

  private static final int NOISE = 4;

  private Sensors() {}

  /** Numbers of a row. */
  public static int width() {
    return TOLD + NOISE;
  }

  /** The headings of the numbers. */
  static String headings() {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < width(); i++) {
      s.append(i == 0 ? "" : ",").append(i < TOLD ? "told" : "noise").append(i);
    }
    return s.toString();
  }

  /** Rows of a class, each a line of numbers. */
  private static String[] rows(int type, int rows) {
    RandomStream random = new RandomStream(11, RandomUse.NOISE, type);
    double[] place = new double[TOLD];
    for (int i = 0; i < TOLD; i++) {
      place[i] = random.between(-2.0, 2);
    }
    String[] lines = new String[rows];
    for (int r = 0; r < rows; r++) {
      StringBuilder s = new StringBuilder();
      for (int i = 0; i < width(); i++) {
        double v =
            i < TOLD ? place[i] + random.between(-0.3, 0.3) : 1000 + random.between(-300.0, 300);
        s.append(i == 0 ? "" : ",").append(String.format(Locale.ROOT, "%.4f", v));
      }
      lines[r] = s.toString();
    }
    return lines;
  }

  /** Writes a CSV file with a column "class", of classes c0, c1 and so on in groups of ten. */
  public static Path write(Path file, int first, int classes, int rows) {
    StringBuilder s = new StringBuilder("group,class," + headings() + "\n");
    for (int k = first; k < first + classes; k++) {
      for (String row : rows(k, rows)) {
        s.append("g").append(k / 10).append(",c").append(k).append(',').append(row).append('\n');
      }
    }
    return write(file, s.toString());
  }

  /** Writes rows of a class from some row on, without saying its name. */
  public static Path unnamed(Path file, int type, int from, int rows) {
    StringBuilder s = new StringBuilder(headings() + "\n");
    String[] all = rows(type, from + rows);
    for (int r = from; r < from + rows; r++) {
      s.append(all[r]).append('\n');
    }
    return write(file, s.toString());
  }

  /** Writes a folder with a file for each class. */
  public static Path folder(Path folder, int first, int classes, int from, int rows) {
    for (int k = first; k < first + classes; k++) {
      unnamed(folder.resolve("c" + k + ".csv"), k, from, rows);
    }
    return folder;
  }

  private static Path write(Path file, String text) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
