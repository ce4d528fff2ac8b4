package io.quickstudy.data;

import io.quickstudy.data.source.Omniglot;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Image sets for the tests. */
public final class Sets {
  private static ImageSet real;

  private Sets() {}

  /** Classes of random images, [classes * count, 4, 4, 1], in groups of two. */
  public static ImageSet random(int classes, int count) {
    byte[] pixels = new byte[classes * count * 16];
    RandomStream random = new RandomStream(0, RandomUse.NOISE, classes);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextInt();
    }
    List<ImageClass> list = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      list.add(new ImageClass("c" + c, "g" + c / 2, c * count, count));
    }
    return ImageSet.of("random", 4, 4, 1, pixels, list);
  }

  /** Omniglot where $QUICKSTUDY_DATA has it; else the test is skipped, which is printed. */
  public static synchronized ImageSet omniglot() {
    String data = System.getenv().getOrDefault("QUICKSTUDY_DATA", "");
    Path directory = Path.of(data, "omniglot");
    if (data.isBlank() || !Files.isDirectory(directory)) {
      String why = "no Omniglot, since QUICKSTUDY_DATA is '" + data + "'";
      Assumptions.abort(why);
    }
    if (real == null) {
      real = Omniglot.load(directory, 28);
    }
    return real;
  }
}
