package io.quickstudy.data.source;

import io.quickstudy.data.DataException;
import io.quickstudy.text.Names;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** The drawings of one half of Omniglot, from its zip or its unpacked folder. */
final class OmniglotFiles implements AutoCloseable {
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final int MAX_FILES = 100_000;
  private static final int SHOWN = 200;

  private static final Comparator<Drawing> ORDER =
      Comparator.comparing(Drawing::alphabet)
          .thenComparing(Drawing::character)
          .thenComparing(Drawing::file);

  /**
   * One drawing.
   *
   * @param alphabet such as "Greek"
   * @param character such as "character07"
   * @param file where it is, within the zip or folder
   */
  record Drawing(String alphabet, String character, String file) {}

  private final Path path;
  private final ZipFile zip;
  private final List<Drawing> drawings;

  private OmniglotFiles(Path path, ZipFile zip, List<String> names, String half) {
    this.path = path;
    this.zip = zip;
    Pattern form = Pattern.compile("(?:.*/)?" + half + "/([^/]+)/(character\\d+)/([^/]+\\.png)");
    List<Drawing> found = new ArrayList<>();
    for (String name : names) {
      Matcher match = form.matcher(name);
      if (match.matches() && !match.group(3).startsWith(".")) {
        found.add(new Drawing(match.group(1), match.group(2), name));
      }
    }
    if (found.isEmpty()) {
      throw new DataException(
          ("'%s' holds no drawings: expected %s/ALPHABET/characterNN/NAME.png inside; "
                  + "fetch the official file again.")
              .formatted(path, half));
    }
    found.sort(ORDER);
    this.drawings = List.copyOf(found);
  }

  /** Where one half lies in a folder, as a zip or unpacked; null if it does not. */
  static Path find(Path directory, String half) {
    for (String below : List.of("", "omniglot", "python", "omniglot/python")) {
      Path base = directory.resolve(below);
      if (Files.isRegularFile(base.resolve(half + ".zip"))) {
        return base.resolve(half + ".zip");
      }
      if (Files.isDirectory(base.resolve(half))) {
        return base.resolve(half);
      }
    }
    return null;
  }

  /** Opens a zip or folder that {@link #find} has found. */
  static OmniglotFiles open(Path path, String half) {
    return Files.isDirectory(path) ? openFolder(path, half) : openZip(path, half);
  }

  private static OmniglotFiles openFolder(Path path, String half) {
    Path parent = path.toAbsolutePath().getParent();
    try (java.util.stream.Stream<Path> files = Files.walk(path, 3)) {
      List<String> names =
          files
              .limit(MAX_FILES + 1)
              .map(f -> parent.relativize(f.toAbsolutePath()).toString().replace('\\', '/'))
              .toList();
      if (names.size() > MAX_FILES) {
        throw new DataException(
            "Folder '%s' has more than %s files: expected those of %s alone; unpack it again."
                .formatted(path, MAX_FILES, half));
      }
      return new OmniglotFiles(path, null, names, half);
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(
          "Folder '%s' cannot be listed (%s): expected a readable folder; check its permissions."
              .formatted(path, e.getMessage()),
          e);
    }
  }

  private static OmniglotFiles openZip(Path path, String half) {
    ZipFile zip = null;
    try {
      zip = new ZipFile(path.toFile());
      if (zip.size() > MAX_FILES) {
        throw new DataException(
            "Zip '%s' has %s entries: expected at most %s; fetch the official file again."
                .formatted(path, zip.size(), MAX_FILES));
      }
      List<String> names = zip.stream().map(ZipEntry::getName).toList();
      Set<String> seen = new HashSet<>();
      for (String name : names) {
        checkInside(path, name);
        if (!seen.add(name)) {
          throw new DataException(
              "Zip '%s' has two entries '%s': expected one; fetch the official file again."
                  .formatted(path, Names.shown(name, SHOWN)));
        }
      }
      return new OmniglotFiles(path, zip, names, half);
    } catch (IOException | IllegalArgumentException e) {
      closeQuietly(zip);
      throw new DataException(
          "'%s' is no whole zip file (%s): expected %s.zip; fetch it again."
              .formatted(path, e.getMessage(), half),
          e);
    } catch (DataException e) {
      closeQuietly(zip);
      throw e;
    }
  }

  private static void checkInside(Path path, String name) {
    boolean outside = name.startsWith("/") || name.contains("\\") || name.contains(":");
    outside |= ("/" + name + "/").contains("/../");
    if (outside) {
      throw new DataException(
          ("Zip '%s' has an entry '%s' that points outside it: expected names below its "
                  + "own folder; fetch the official file again.")
              .formatted(path, Names.shown(name, SHOWN)));
    }
  }

  private static void closeQuietly(ZipFile zip) {
    try {
      if (zip != null) {
        zip.close();
      }
    } catch (IOException e) {
      // The zip was only read, and the error that led here says more.
    }
  }

  /** The drawings, ordered by alphabet, character and file. */
  List<Drawing> drawings() {
    return drawings;
  }

  /** Where a drawing is, for messages. */
  String describe(Drawing drawing) {
    return zip != null
        ? path + "!" + Names.shown(drawing.file(), SHOWN)
        : resolve(drawing).toString();
  }

  private Path resolve(Drawing drawing) {
    return path.toAbsolutePath().getParent().resolve(drawing.file());
  }

  /** The bytes of a drawing's file. Safe for use by several threads. */
  byte[] read(Drawing drawing) {
    try (InputStream in = open(drawing)) {
      byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        throw new DataException(
            ("Image '%s' is larger than %s bytes: expected a drawing of 105 x 105; fetch "
                    + "the official file again.")
                .formatted(describe(drawing), MAX_FILE_BYTES));
      }
      return bytes;
    } catch (ZipException | java.io.EOFException e) {
      throw new DataException(
          "Image '%s' does not unzip (%s): expected a whole zip file; fetch it again."
              .formatted(describe(drawing), e.getMessage()),
          e);
    } catch (IOException e) {
      throw new DataException(
          "Image '%s' cannot be read (%s): expected a readable file; check its permissions."
              .formatted(describe(drawing), e.getMessage()),
          e);
    }
  }

  private InputStream open(Drawing drawing) throws IOException {
    return zip != null
        ? zip.getInputStream(zip.getEntry(drawing.file()))
        : Files.newInputStream(resolve(drawing));
  }

  @Override
  public void close() {
    closeQuietly(zip);
  }
}
