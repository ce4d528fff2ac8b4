package io.quickstudy.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where every command's result goes. A print stream swallows what goes wrong; this remembers it,
 * and takes nothing more, so that the command can fail at its end.
 */
final class StandardOutput extends OutputStream {
  private static final Path PROCESS = Path.of("/proc/self/fd/1");
  private static final int KIND = 0xF000; // of the bits of a file's mode, as POSIX has them
  private static final int PIPE = 0x1000;
  private static final int SOCKET = 0xC000;

  /** What stands at the other end. */
  private enum Reader {
    /** A program, which may have read enough. */
    PROGRAM,
    /** A file, a device or a terminal. */
    NONE
  }

  private final OutputStream to;
  private final Reader reader;
  private IOException failure;

  private StandardOutput(OutputStream to, Reader reader) {
    this.to = to;
    this.reader = reader;
  }

  /** A stream in its place. */
  StandardOutput(OutputStream to) {
    this(to, Reader.NONE);
  }

  /** That of this process. */
  static StandardOutput ofProcess() {
    return new StandardOutput(new FileOutputStream(FileDescriptor.out), reader());
  }

  /**
   * Asked of the system, since a broken pipe is told by words alone, which are in the user's own
   * language.
   */
  private static Reader reader() {
    try {
      int kind = (Integer) Files.getAttribute(PROCESS, "unix:mode") & KIND;
      return kind == PIPE || kind == SOCKET ? Reader.PROGRAM : Reader.NONE;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return Reader.NONE; // it is closed, or the system has no such attribute
    }
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int count) {
    if (failure == null) {
      try {
        to.write(bytes, from, count);
      } catch (IOException e) {
        failure = e;
      }
    }
  }

  @Override
  public synchronized void flush() {
    if (failure == null) {
      try {
        to.flush();
      } catch (IOException e) {
        failure = e;
      }
    }
  }

  /**
   * Why not all of it could be written; nothing where it could, or where the program that reads it
   * had enough, as {@code head} has.
   */
  synchronized Optional<IOException> failure() {
    return Optional.ofNullable(failure).filter(e -> reader == Reader.NONE && !isBroken(e));
  }

  private static boolean isBroken(IOException e) {
    return String.valueOf(e.getMessage()).contains("Broken pipe");
  }
}
