package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;

/**
 * Names of files as texts: UTF-8 in every locale. Java takes them for what the locale says, which
 * in the locale C has no letter beyond ASCII, so that names of different letters look alike.
 */
public final class FileNames {
  private static final boolean UTF_8 = "UTF-8".equals(System.getProperty("sun.jnu.encoding"));
  private static final char UNKNOWN = '\ufffd';
  private static final char LAST_OF_ASCII = '\u007f';

  /** Of zips of macOS, of network disks, and of the root of a disk. */
  private static final Set<String> NO_CLASSES =
      Set.of(
          "__macosx",
          "@eadir",
          "#recycle",
          "#snapshot",
          "$recycle.bin",
          "system volume information",
          "lost+found");

  private FileNames() {}

  /** Whether a folder of that name is no class: it is hidden, or what systems keep there. */
  public static boolean isNoClass(String name) {
    return name.startsWith(".") || NO_CLASSES.contains(name.toLowerCase(Locale.ROOT));
  }

  /**
   * A path below some folder, with slashes.
   *
   * @throws DataException if a name is no UTF-8
   */
  public static String text(Path path) {
    String text = path.toString();
    boolean own = path.getFileSystem() != FileSystems.getDefault();
    if (!own && !known(text)) {
      StringBuilder decoded = new StringBuilder();
      for (Path name : path) {
        decoded.append(decoded.isEmpty() ? "" : "/").append(decoded(name, path));
      }
      return decoded.toString();
    }
    String separator = path.getFileSystem().getSeparator();
    return separator.equals("/") ? text : text.replace(separator, "/");
  }

  /**
   * As {@link #text}, in the composed form NFC: systems write the same letters in one form or the
   * other.
   */
  public static String composed(Path path) {
    return composed(text(path));
  }

  /** The composed form of a name. */
  public static String composed(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC);
  }

  /** The other form of a name, NFD. */
  static String decomposed(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFD);
  }

  private static boolean known(String text) {
    return UTF_8
        ? text.indexOf(UNKNOWN) < 0
        : text.chars().allMatch(c -> c <= LAST_OF_ASCII); // others may be anything
  }

  /** One name, of the bytes that it has on the disk, which only its URI gives away. */
  private static String decoded(Path name, Path path) {
    String uri = name.toUri().getRawPath().replaceFirst("/$", "");
    String raw = uri.substring(uri.lastIndexOf('/') + 1);
    ByteBuffer bytes = ByteBuffer.allocate(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) == '%') {
        bytes.put((byte) Integer.parseInt(raw.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.put((byte) raw.charAt(i));
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new DataException(
          "The name '%s' is no text (its bytes are %s): expected names in UTF-8; rename it."
              .formatted(path, raw),
          e);
    }
  }
}
