package io.quickstudy.data.source;

import io.quickstudy.data.CacheFolder;
import io.quickstudy.data.DataException;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Ink;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.image.Pixels;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Omniglot: 1623 handwritten characters of 50 alphabets, each drawn by 20 people (B. M. Lake, R.
 * Salakhutdinov, J. B. Tenenbaum, "Human-level concept learning through probabilistic program
 * induction", Science 2015), read from the official zips as they are or from the unpacked folders.
 */
public final class Omniglot implements DataSource {
  /** The halves of the official distribution, in the order of the classes. */
  static final List<String> HALVES = List.of("images_background", "images_evaluation");

  private static final Map<String, String> MD5 =
      Map.of(
          "images_background", "68d2efa1b9178cc56df9314c21c6e718",
          "images_evaluation", "6b91aef0f799c5bb55b94e3f2daec811");
  private static final String SOURCE = "https://github.com/brendenlake/omniglot/raw/master/python/";
  private static final long MAX_ZIP_BYTES = 64L << 20;
  private static final int SOURCE_SIDE = 105;

  @Override
  public String name() {
    return "omniglot";
  }

  @Override
  public String about() {
    return "1,623 handwritten characters in 50 alphabets by 20 people each (Lake et al. 2015)";
  }

  @Override
  public Kind kind() {
    return Kind.CLASSES;
  }

  @Override
  public List<String> splits() {
    return OmniglotSplit.names();
  }

  @Override
  public Ink usualInk() {
    return Ink.DARK;
  }

  @Override
  public boolean inFolder() {
    return true;
  }

  @Override
  public String found() {
    return find(null)
        .map(Path::toString)
        .orElse(
            "not found; put the zips under $QUICKSTUDY_DATA/omniglot, say --data omniglot:DIR, or"
                + " let it be downloaded");
  }

  @Override
  public void check(Request r) {
    DataSource.super.check(r);
    checkSide(r.size());
  }

  @Override
  public Loaded load(Request r, LoadListener listener) {
    Path found = findOrDownload(r.dir().orElse(null), listener::download);
    listener.message("reading omniglot from " + found);
    ImageSet set = load(found, r.size());
    return new Loaded.Images(set, OmniglotSplit.named(r.split()).of(set, r.seed()));
  }

  /**
   * Where Omniglot is on this machine: the given folder, else {@code $QUICKSTUDY_DATA/omniglot},
   * else the cache folder.
   *
   * @param directory the folder that holds both zips or both unpacked folders; null to look in the
   *     usual places
   * @return the folder, or empty if no directory is given and it is in none of the usual places
   * @throws DataException if a directory is given and Omniglot is not in it
   */
  public static Optional<Path> find(Path directory) {
    return find(directory, System.getenv(), CacheFolder.home());
  }

  static Optional<Path> find(Path directory, Map<String, String> environment, Path home) {
    if (directory != null) {
      check(directory);
      return Optional.of(directory);
    }
    List<Path> places = new ArrayList<>();
    String data = environment.getOrDefault("QUICKSTUDY_DATA", "");
    if (!data.isBlank()) {
      places.add(Path.of(data, "omniglot"));
    }
    places.add(CacheFolder.of("omniglot", environment, home));
    return places.stream().filter(p -> missing(p).isEmpty()).findFirst();
  }

  private static List<String> missing(Path directory) {
    return HALVES.stream().filter(h -> OmniglotFiles.find(directory, h) == null).toList();
  }

  private static void check(Path directory) {
    List<String> missing = missing(directory);
    if (!missing.isEmpty()) {
      throw new DataException(
          ("Folder '%s' lacks %s: expected images_background and images_evaluation, as "
                  + ".zip files or unpacked; copy them there or leave the folder out to download "
                  + "them.")
              .formatted(directory, String.join(" and ", missing)));
    }
  }

  /**
   * As {@link #find}, but downloads Omniglot to the cache folder where it is not on this machine.
   * The download goes on where an earlier one stopped, and its MD5 checksums are verified.
   *
   * @param directory as for {@link #find}
   * @param progress told about the download
   * @throws DataException if a directory is given and Omniglot is not in it, or if the download
   *     fails
   */
  public static Path findOrDownload(Path directory, Download.Progress progress) {
    Path home = CacheFolder.home();
    return find(directory, System.getenv(), home)
        .orElseGet(
            () ->
                download(
                    URI.create(SOURCE),
                    CacheFolder.of("omniglot", System.getenv(), home),
                    progress));
  }

  static Path download(URI source, Path directory, Download.Progress progress) {
    for (String half : HALVES) {
      if (OmniglotFiles.find(directory, half) == null) {
        Download.fetch(
            source.resolve(half + ".zip"),
            directory.resolve(half + ".zip"),
            MD5.get(half),
            MAX_ZIP_BYTES,
            progress);
      }
    }
    return directory;
  }

  /**
   * Reads all drawings, scaled from 105 x 105 by area averaging. Classes are ordered by half
   * (background first), alphabet and character, their examples by file name (that is, by drawer).
   *
   * @param directory the folder that holds both zips or both unpacked folders
   * @param side the images' height and width in pixels, such as 28 or 20
   * @return [n, side, side, 1], ink 255 on 0; a class's group is its alphabet
   * @throws DataException if a half is missing, or a zip or image cannot be read
   */
  public static ImageSet load(Path directory, int side) {
    checkSide(side);
    check(directory);
    List<ImageClass> classes = new ArrayList<>();
    List<byte[]> parts = new ArrayList<>();
    int examples = 0;
    for (String half : HALVES) {
      try (OmniglotFiles files = OmniglotFiles.open(OmniglotFiles.find(directory, half), half)) {
        addClasses(files.drawings(), examples, classes);
        examples += files.drawings().size();
        parts.add(read(files, side));
      }
    }
    ByteBuffer pixels = ByteBuffer.allocateDirect(examples * side * side);
    parts.forEach(pixels::put);
    return new ImageSet("omniglot", side, side, 1, pixels.flip(), classes);
  }

  private static void checkSide(int side) {
    if (side < 1 || side > SOURCE_SIDE) {
      throw new IllegalArgumentException(
          "Omniglot at %s x %s pixels: expected 1 to %s; 28 is usual."
              .formatted(side, side, SOURCE_SIDE));
    }
  }

  private static void addClasses(
      List<OmniglotFiles.Drawing> drawings, int firstExample, List<ImageClass> classes) {
    int start = 0;
    for (int i = 1; i <= drawings.size(); i++) {
      OmniglotFiles.Drawing of = drawings.get(start);
      if (i == drawings.size()
          || !drawings.get(i).character().equals(of.character())
          || !drawings.get(i).alphabet().equals(of.alphabet())) {
        classes.add(new ImageClass(of.character(), of.alphabet(), firstExample + start, i - start));
        start = i;
      }
    }
  }

  private static byte[] read(OmniglotFiles files, int side) {
    List<OmniglotFiles.Drawing> drawings = files.drawings();
    int size = side * side;
    byte[] pixels = new byte[drawings.size() * size];
    IntStream.range(0, drawings.size())
        .parallel()
        .forEach(
            i -> {
              OmniglotFiles.Drawing drawing = drawings.get(i);
              Pixels image =
                  Pixels.decode(files.read(drawing), files.describe(drawing), 1, SOURCE_SIDE);
              byte[] scaled = image.inverted().resized(side, side).values();
              System.arraycopy(scaled, 0, pixels, i * size, size);
            });
    return pixels;
  }
}
