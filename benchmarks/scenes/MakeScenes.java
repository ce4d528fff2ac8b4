import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Makes a stand-in for mini-ImageNet out of drawings and photographs: each of 100 classes is a
 * thing as several vendors drew it, put at a random place, size, angle and colour cast before a part
 * of a random photograph or texture, often beside another thing that belongs to no class. 84x84
 * pixels, 64 classes to train on, 16 to validate, 20 to test; the same files for the same inputs.
 *
 * <p>{@code java MakeScenes.java THINGS BACKGROUNDS OUT PER-CLASS}. THINGS holds a folder for each
 * vendor with PNG files of equal names; BACKGROUNDS any PNG and JPEG files.
 */
public final class MakeScenes {
  private static final int SIZE = 84;
  private static final int[] CLASSES = {64, 16, 20};
  private static final String[] PARTS = {"train", "val", "test"};
  private static final int DISTRACTORS = 300;
  private static final int LARGEST = 640; // backgrounds are kept no larger

  private MakeScenes() {}

  /** Makes them. */
  public static void main(String[] args) throws IOException {
    Map<String, List<Path>> things = new TreeMap<>();
    for (Path p : files(Path.of(args[0]), ".png")) {
      things.computeIfAbsent(p.getFileName().toString(), n -> new ArrayList<>()).add(p);
    }
    int vendors = things.values().stream().mapToInt(List::size).max().orElse(0);
    List<String> names =
        new ArrayList<>(
            things.keySet().stream().filter(n -> things.get(n).size() == vendors).toList());
    java.util.Collections.shuffle(names, new Random(1));
    List<BufferedImage> grounds = new ArrayList<>();
    for (Path p : files(Path.of(args[1]), ".jpg", ".png")) {
      BufferedImage b = ImageIO.read(p.toFile());
      if (b != null && Math.min(b.getWidth(), b.getHeight()) >= 128) {
        grounds.add(smaller(b));
      }
    }
    int all = Arrays.stream(CLASSES).sum();
    List<BufferedImage> others = new ArrayList<>();
    for (String n : names.subList(all, all + DISTRACTORS)) {
      others.add(ImageIO.read(things.get(n).getFirst().toFile()));
    }
    System.err.println(vendors + " vendors, " + grounds.size() + " backgrounds");
    Path out = Path.of(args[2]);
    int each = Integer.parseInt(args[3]);
    IntStream.range(0, all)
        .parallel()
        .forEach(
            c -> {
              try {
                make(c, things.get(names.get(c)), others, grounds, out, each);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
  }

  private static void make(
      int c,
      List<Path> drawings,
      List<BufferedImage> others,
      List<BufferedImage> grounds,
      Path out,
      int each)
      throws IOException {
    int part = c < CLASSES[0] ? 0 : c < CLASSES[0] + CLASSES[1] ? 1 : 2;
    Path folder = out.resolve(PARTS[part]).resolve(String.format(Locale.ROOT, "c%03d", c));
    Files.createDirectories(folder);
    List<BufferedImage> drawn = new ArrayList<>();
    for (Path p : drawings) {
      drawn.add(ImageIO.read(p.toFile()));
    }
    Random r = new Random(1000 + c);
    for (int i = 0; i < each; i++) {
      BufferedImage scene = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
      Graphics2D g = scene.createGraphics();
      g.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      ground(g, grounds.get(r.nextInt(grounds.size())), r);
      if (r.nextBoolean()) {
        thing(g, others.get(r.nextInt(others.size())), 20 + r.nextInt(16), 60, r);
      }
      thing(g, drawn.get(r.nextInt(drawn.size())), 40 + r.nextInt(36), 25, r);
      g.dispose();
      cast(scene, r);
      ImageIO.write(
          scene, "jpg", folder.resolve(String.format(Locale.ROOT, "%04d.jpg", i)).toFile());
    }
  }

  private static void ground(Graphics2D g, BufferedImage b, Random r) {
    int side = SIZE + r.nextInt(Math.min(b.getWidth(), b.getHeight()) - SIZE);
    int x = r.nextInt(b.getWidth() - side + 1);
    int y = r.nextInt(b.getHeight() - side + 1);
    g.drawImage(b, 0, 0, SIZE, SIZE, x, y, x + side, y + side, null);
  }

  private static void thing(Graphics2D g, BufferedImage b, int size, int angle, Random r) {
    double free = SIZE - size;
    AffineTransform t =
        AffineTransform.getTranslateInstance(
            size / 2.0 + r.nextDouble() * free, size / 2.0 + r.nextDouble() * free);
    t.rotate(Math.toRadians((2 * r.nextDouble() - 1) * angle));
    double s = (double) size / b.getWidth();
    t.scale(r.nextBoolean() ? s : -s, s);
    t.translate(-b.getWidth() / 2.0, -b.getHeight() / 2.0);
    g.drawImage(b, t, null);
  }

  /** Light and colour of the whole scene. */
  private static void cast(BufferedImage scene, Random r) {
    double contrast = 0.5 + 0.7 * r.nextDouble();
    double[] gain = new double[3];
    double light = 60 * r.nextDouble() - 30;
    for (int k = 0; k < 3; k++) {
      gain[k] = contrast * (0.75 + 0.5 * r.nextDouble());
    }
    for (int y = 0; y < SIZE; y++) {
      for (int x = 0; x < SIZE; x++) {
        int rgb = scene.getRGB(x, y);
        int made = 0;
        for (int k = 0; k < 3; k++) {
          int v = rgb >> (16 - 8 * k) & 255;
          long w = Math.round(128 + gain[k] * (v - 128) + light);
          made = made << 8 | (int) Math.clamp(w, 0, 255);
        }
        scene.setRGB(x, y, made);
      }
    }
  }

  private static BufferedImage smaller(BufferedImage b) {
    double s = Math.min(1, (double) LARGEST / Math.max(b.getWidth(), b.getHeight()));
    BufferedImage out =
        new BufferedImage(
            (int) (b.getWidth() * s), (int) (b.getHeight() * s), BufferedImage.TYPE_INT_RGB);
    Graphics2D g = out.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    g.drawImage(b, 0, 0, out.getWidth(), out.getHeight(), null);
    g.dispose();
    return out;
  }

  private static List<Path> files(Path folder, String... ends) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(p -> Arrays.stream(ends).anyMatch(e -> p.toString().endsWith(e)))
          .sorted()
          .toList();
    }
  }
}
