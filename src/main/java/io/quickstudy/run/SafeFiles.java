package io.quickstudy.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes files so that under their name there is always a whole one, whatever happens meanwhile.
 */
public final class SafeFiles {
  /** How a file that is being written ends. */
  static final String TEMPORARY = ".tmp";

  private SafeFiles() {}

  /**
   * Writes under a temporary name, syncs, renames, and syncs the folder. Where that fails, what is
   * there of the temporary file is deleted, since its room may be what was missing.
   */
  public static void write(Path file, byte[] bytes) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY);
    try {
      fill(temporary, bytes);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      forget(temporary, e);
      throw e;
    }
    sync(file.toAbsolutePath().getParent());
  }

  private static void fill(Path temporary, byte[] bytes) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer b = ByteBuffer.wrap(bytes);
      while (b.hasRemaining()) {
        out.write(b);
      }
      out.force(true);
    }
  }

  private static void forget(Path temporary, IOException why) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      why.addSuppressed(e); // it stays, and does no harm
    }
  }

  /** Makes a folder with all above it, so that it is still there when the power fails. */
  static void folder(Path folder) throws IOException {
    Path missing = folder.toAbsolutePath();
    if (Files.isDirectory(missing)) {
      return;
    }
    Path above = missing.getParent();
    if (above != null) {
      folder(above);
    }
    Files.createDirectories(missing);
    if (above != null) {
      sync(above);
    }
  }

  /** Makes a folder's entries durable, where the system lets one open a folder. */
  private static void sync(Path folder) throws IOException {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return;
    }
    try (FileChannel f = FileChannel.open(folder, StandardOpenOption.READ)) {
      f.force(true);
    }
  }

  /** What went wrong with a file: the system's own words where it has any. */
  public static String reason(IOException e) {
    String words =
        switch (e) {
          case AccessDeniedException denied -> "permission denied";
          case NoSuchFileException missing -> "its folder or itself is not there";
          case FileSystemException f -> f.getReason();
          default -> e.getMessage();
        };
    String line = words == null ? "" : words.lines().findFirst().orElse("");
    return line.isBlank() ? e.getClass().getSimpleName() : line;
  }
}
