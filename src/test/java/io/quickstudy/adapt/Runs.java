package io.quickstudy.adapt;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Split;
import io.quickstudy.data.glyphs.GlyphSet;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.train.RunFixtures;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.imageio.ImageIO;

/** Small runs, trained once for all tests, and pictures of characters they never saw. */
public final class Runs {
  /** Side of the characters. */
  public static final int SIDE = 14;

  private static final Map<String, Path> TRAINED = new ConcurrentHashMap<>();
  private static final Path FOLDER = folder();
  private static final ImageSet SET = new GlyphSet(10, 12, SIDE, 0).draw();

  private Runs() {}

  private static Path folder() {
    try {
      Path folder = Files.createTempDirectory("quickstudy-runs");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (var all = Files.walk(folder)) {
      all.sorted(java.util.Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prototypical networks, running statistics. */
  public static Path protonet() {
    return glyphs("protonet", "steps", "60", "filters", "16");
  }

  /** First-order MAML with five outputs; it learns most in so few steps as the paper starts. */
  public static Path maml(String norm) {
    return glyphs(
        "maml-" + norm,
        "learner",
        "fomaml",
        "batch-norm",
        norm,
        "ways",
        "5",
        "steps",
        "150",
        "feature-scale",
        "raw",
        "filters",
        "16",
        "meta-batch",
        "4",
        "inner-steps",
        "2",
        "eval-inner-steps",
        "3",
        "rate",
        "0.003");
  }

  /** Glyphs with other values. */
  static Path glyphs(String name, String... pairs) {
    return TRAINED.computeIfAbsent(name, n -> train(n, RunFixtures.glyphs(pairs)));
  }

  /** A ridge regression with hardly a ridge, so that examples that are alike are singular. */
  public static Path singular() {
    return glyphs(
        "singular",
        "learner",
        "r2-d2",
        "lambda",
        "1e-30",
        "steps",
        "2",
        "filters",
        "16",
        "ways",
        "5");
  }

  /** Prototypical networks of described classes. */
  public static Path zeroShot() {
    return glyphs(
        "zero-shot",
        "learner",
        "protonet-zero-shot",
        "steps",
        "120",
        "filters",
        "16",
        "ways",
        "20",
        "queries",
        "3");
  }

  /** A CSV file of what the characters 0, 1, ... are like, its columns in another order. */
  public static void describe(Path file, int classes) {
    Attributes all = new GlyphSet(10, 12, SIDE, 0).attributes();
    List<String> names = new ArrayList<>(all.names());
    Collections.reverse(names);
    all = all.select(names);
    StringBuilder text = new StringBuilder("character,unknown,").append(String.join(",", names));
    for (int c = 0; c < classes; c++) {
      text.append("\nc").append(c).append(",7");
      for (float v : all.row(all.classes().indexOf(unseen(c).fullName()))) {
        text.append(',').append(v);
      }
    }
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A sequence learner with three outputs, hardly trained. */
  public static Path lstm() {
    Map<String, String> m =
        RunFixtures.map("learner", "lstm", "size", "14", "hidden", "16", "ways", "3");
    m.putAll(RunFixtures.map("shots", "4", "steps", "5", "meta-batch", "4", "workers", "2"));
    m.putAll(RunFixtures.map("split", "random", "eval-episodes", "16", "eval-every", "0"));
    return TRAINED.computeIfAbsent("lstm", n -> train(n, Recipes.complete(m)));
  }

  /** MAML on sine waves. */
  public static Path sinusoid() {
    Map<String, String> m = RunFixtures.map("data", "sinusoid", "steps", "800", "rate", "0.003");
    m.putAll(RunFixtures.map("meta-batch", "10", "eval-every", "0", "eval-episodes", "16"));
    return TRAINED.computeIfAbsent("sinusoid", n -> train(n, Recipes.complete(m)));
  }

  private static Path train(String name, RunConfig config) {
    Path run = FOLDER.resolve(name);
    RunFixtures.train(run, config, Integer.MAX_VALUE);
    return run;
  }

  /** A drawing of a character that no run was trained on, ink 255 on 0. */
  static byte[] drawing(int character, int hand) {
    return SET.image(unseen(character).first() + hand);
  }

  private static ImageClass unseen(int character) {
    int[] unseen = Split.heldout(SET).classes(Split.Part.TEST);
    // far apart, since characters of one alphabet resemble each other
    return SET.classes().get(unseen[character * 5 % unseen.length]);
  }

  /** The same as numbers. */
  static float[] numbers(int character, int hand) {
    byte[] pixels = drawing(character, hand);
    float[] x = new float[pixels.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (pixels[i] & 255) * (float) (1 / 255.0);
    }
    return x;
  }

  static Image image(int character, int hand) {
    return Image.of(numbers(character, hand));
  }

  /** A support set of the characters 0, 1, ..., so many shots of each. */
  static Support support(int... shots) {
    Support.Builder b = Support.builder();
    for (int c = 0; c < shots.length; c++) {
      for (int k = 0; k < shots[c]; k++) {
        b.add("c" + c, image(c, k));
      }
    }
    return b.build();
  }

  /** A picture of it on paper, dark on light, several times the size. */
  static BufferedImage picture(int character, int hand, int type, int scale) {
    byte[] pixels = drawing(character, hand);
    BufferedImage p = new BufferedImage(SIDE * scale, SIDE * scale, type);
    for (int y = 0; y < p.getHeight(); y++) {
      for (int x = 0; x < p.getWidth(); x++) {
        int light = 255 - (pixels[y / scale * SIDE + x / scale] & 255);
        if (p.getRaster().getNumBands() == 1) {
          p.getRaster().setSample(x, y, 0, light);
        } else {
          p.setRGB(x, y, 0xFF000000 | light * 0x010101);
        }
      }
    }
    return p;
  }

  /** Writes class folders "c0", "c1", ... of PNG and JPEG files, grey and colour, of two sizes. */
  public static void write(Path folder, int classes, int firstHand, int hands) {
    try {
      for (int c = 0; c < classes; c++) {
        Path of = Files.createDirectories(folder.resolve("c" + c));
        for (int k = firstHand; k < firstHand + hands; k++) {
          int type = k % 2 == 0 ? BufferedImage.TYPE_INT_RGB : BufferedImage.TYPE_BYTE_GRAY;
          String kind = k % 3 == 0 ? "jpg" : "png";
          Path file = of.resolve(String.format(Locale.ROOT, "hand%02d.%s", k, kind));
          ImageIO.write(picture(c, k, type, 2 + k % 2), kind, file.toFile());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * How many of these predictions are right, where those of c0 come first, and each has so many.
   */
  static double accuracy(java.util.List<Prediction> predictions, int each) {
    int right = 0;
    for (int i = 0; i < predictions.size(); i++) {
      right += predictions.get(i).label().equals("c" + i / each) ? 1 : 0;
    }
    return (double) right / predictions.size();
  }
}
