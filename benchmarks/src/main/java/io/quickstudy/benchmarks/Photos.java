package io.quickstudy.benchmarks;

import io.quickstudy.Quickstudy;
import io.quickstudy.learners.metric.ProtoNet;
import io.quickstudy.run.RunConfig;
import io.quickstudy.train.TrainListener;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** Drawn photos, and a run on such, in a folder of their own that goes when it is closed. */
final class Photos implements AutoCloseable {
  private static final int TRAINED_CLASSES = 12;
  private static final int TRAINED_IMAGES = 8;

  private final Path folder = Files.createTempDirectory("quickstudy-photos");
  private final int extent;

  /** Photos of so many pixels a side. */
  Photos(int extent) throws IOException {
    this.extent = extent;
  }

  Path folder() {
    return folder;
  }

  /** A square full of circles in the colour of its class, as JPEG. */
  byte[] one(int label, SplittableRandom random) throws IOException {
    BufferedImage image = new BufferedImage(extent, extent, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    for (int i = 0; i < 60; i++) {
      float hue = (float) (label / 12.0 + random.nextDouble(-0.04, 0.04));
      g.setColor(Color.getHSBColor(hue, (float) random.nextDouble(), (float) random.nextDouble()));
      int d = random.nextInt(extent / 16, extent / 3);
      g.fillOval(random.nextInt(extent) - d / 2, random.nextInt(extent) - d / 2, d, d);
    }
    g.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", out);
    return out.toByteArray();
  }

  /** A run of prototypical networks that knows nothing, of the size that counts. */
  Path run(String model, int size) throws IOException {
    Path data = folder.resolve("photos");
    SplittableRandom random = new SplittableRandom(1);
    for (int c = 0; c < TRAINED_CLASSES; c++) {
      Path one = Files.createDirectories(data.resolve("class" + c));
      for (int i = 0; i < TRAINED_IMAGES; i++) {
        Files.write(one.resolve(i + ".jpg"), one(c, random));
      }
    }
    RunConfig config =
        Quickstudy.config(
            ProtoNet.KIND,
            Map.ofEntries(
                Map.entry("data", "folder:" + data),
                Map.entry("model", model),
                Map.entry("size", Integer.toString(size)),
                Map.entry("channels", "3"),
                Map.entry("ways", "2"),
                Map.entry("shots", "1"),
                Map.entry("queries", "1"),
                Map.entry("eval-ways", "2"),
                Map.entry("eval-queries", "1"),
                Map.entry("steps", "2"),
                Map.entry("eval-every", "0"),
                Map.entry("eval-episodes", "2"),
                Map.entry("device", "cpu")));
    Path run = folder.resolve("run");
    Quickstudy.train(config, run, TrainListener.NONE);
    return run;
  }

  @Override
  public void close() throws IOException {
    try (var all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    }
  }
}
