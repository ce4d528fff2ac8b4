package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.text.Names;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The image files of a ZIP archive by the folder they lie in, as an archive of class folders has
 * them. What comes over a network may be meant to hurt: an archive is never unpacked to disk, and
 * its images are counted and measured while they are read.
 */
public final class ImageArchive {
  private static final int BLOCK = 1 << 16;

  /** "PK", 5, 6: the record at the end (APPNOTE 4.3.16), which a comment may follow. */
  private static final int END = 0x06054b50;

  private static final int END_BYTES = 22;
  private static final int END_MOST = END_BYTES + 0xFFFF;
  private static final int END_COUNT = 10;
  private static final int MANY = 0xFFFF;

  private ImageArchive() {}

  /**
   * A file.
   *
   * @param name its name with that of its folder, for messages
   * @param bytes what it holds
   */
  public record File(String name, byte[] bytes) {}

  /**
   * Reads an archive's images. Folders are ordered by name, files by theirs. Hidden files, files of
   * other kinds and what lies at the top, beside the folders, are left out.
   *
   * @param zip the archive
   * @param mostFiles images it may hold
   * @param mostBytes they may have when unpacked
   * @throws DataException if it is no archive, is damaged, or holds more
   */
  public static Map<String, List<File>> read(byte[] zip, int mostFiles, long mostBytes) {
    TreeMap<String, TreeMap<String, File>> found = new TreeMap<>();
    int files = 0;
    long bytes = 0;
    int entries = 0;
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        entries++;
        Path path = path(e.getName());
        boolean image = !e.isDirectory() && isImage(path);
        if (image && ++files > mostFiles) {
          throw tooMuch("more than %s images".formatted(mostFiles), "images", mostFiles);
        }
        byte[] content = content(in, mostBytes - bytes, mostBytes);
        bytes += content.length;
        if (image) {
          String folder = path.getParent().getFileName().toString();
          String name = folder + "/" + path.getFileName();
          if (found
                  .computeIfAbsent(folder, f -> new TreeMap<>())
                  .put(path.toString(), new File(name, content))
              != null) {
            throw new DataException(
                "The ZIP archive holds '%s' twice: expected each file once; pack it again."
                    .formatted(Names.shown(name)));
          }
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      // IllegalArgumentException: a name that is no text in UTF-8
      throw new DataException(
          "The ZIP archive is damaged (%s): expected one that unzip reads; pack it again."
              .formatted(e.getMessage()));
    }
    if (entries == 0) {
      throw new DataException(
          "%s bytes that are no ZIP archive: expected one with a folder of images for each class; zip -r makes it."
              .formatted(zip.length));
    }
    if (entries != counted(zip, entries)) {
      // a stream that breaks off between two files looks whole
      throw new DataException(
          "The ZIP archive is damaged (its end is missing): expected one that unzip reads; pack or"
              + " send it again.");
    }
    Map<String, List<File>> out = new TreeMap<>();
    found.forEach((folder, named) -> out.put(folder, new ArrayList<>(named.values())));
    return out;
  }

  /**
   * How many files the record at an archive's end says that there are; -1 without such a record.
   *
   * @param found what to believe where there are more than the record can say
   */
  private static int counted(byte[] zip, int found) {
    ByteBuffer b = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = zip.length - END_BYTES; at >= Math.max(0, zip.length - END_MOST); at--) {
      if (b.getInt(at) == END) {
        int n = b.getShort(at + END_COUNT) & MANY;
        return n == MANY ? found : n;
      }
    }
    return -1;
  }

  private static DataException tooMuch(String what, String of, long most) {
    return new DataException(
        "The ZIP archive holds %s: expected at most %s %s; send fewer or smaller images."
            .formatted(what, most, of));
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new DataException(
          "The ZIP archive holds a file named '%s': expected the path of a file; rename it."
              .formatted(Names.shown(name)));
    }
  }

  private static boolean isImage(Path path) {
    if (path.getNameCount() < 2) {
      return false;
    }
    for (Path part : path) {
      // as __MACOSX, which holds notes on files and none itself
      if (part.toString().startsWith(".") || part.toString().startsWith("__")) {
        return false;
      }
    }
    return ImageFormat.named(path);
  }

  /** The bytes of an entry, which is read no further than there is room. */
  private static byte[] content(ZipInputStream in, long room, long most) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] block = new byte[BLOCK];
    for (int n = in.read(block); n > 0; n = in.read(block)) {
      if (out.size() + (long) n > room) {
        throw tooMuch("more than %s bytes of files".formatted(most), "bytes", most);
      }
      out.write(block, 0, n);
    }
    return out.toByteArray();
  }
}
