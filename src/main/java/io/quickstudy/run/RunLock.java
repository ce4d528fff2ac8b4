package io.quickstudy.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Keeps other processes from training into a run's folder: a lock on its file {@code lock}, which
 * the system takes back when the process ends, however it does. The file itself stays and says who
 * had it last.
 */
public final class RunLock implements AutoCloseable {
  private static final Path HOST = Path.of("/proc/sys/kernel/hostname");

  /** Bytes of the file that are read. */
  private static final int MOST = 512;

  /**
   * Those of this process. A second channel on one would give its lock away when it is closed, as
   * POSIX has it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private Path held;
  private FileChannel channel;

  /** A lock that is not yet taken. */
  public RunLock(Path folder) {
    this.folder = folder;
  }

  /**
   * Takes the lock, and makes the folder if there is none; does nothing if it is taken already.
   *
   * @param warn is told in one sentence if the folder's file system has no locks
   * @throws RunException if another process has it, naming that, or if nothing can be written
   */
  public void take(Consumer<String> warn) {
    if (held != null) {
      return;
    }
    try {
      SafeFiles.folder(folder);
      Path key = folder.toRealPath();
      if (!HELD.add(key)) {
        throw taken("process " + ProcessHandle.current().pid() + ", this one");
      }
      held = key;
      channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (locked(warn)) {
        sign();
        return;
      }
    } catch (IOException e) {
      close();
      throw new RunException(
          ("Folder '%s' cannot be written (%s): expected room on the disk and the right to "
                  + "write; repair that or choose another --out.")
              .formatted(folder, SafeFiles.reason(e)),
          e);
    }
    close();
    throw taken(holder(folder));
  }

  /** Whether this has the lock. */
  public boolean isTaken() {
    return held != null;
  }

  /** Tries; where the file system has no locks, that has to do. */
  private boolean locked(Consumer<String> warn) {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // another class loader's
    } catch (IOException e) {
      warn.accept(
          "Folder '%s' cannot be locked (%s): see to it that no other process trains into it."
              .formatted(folder, SafeFiles.reason(e)));
      return true;
    }
  }

  private void sign() throws IOException {
    String who = "process %s on %s\n".formatted(ProcessHandle.current().pid(), host());
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(who.getBytes(StandardCharsets.UTF_8)));
  }

  private static String host() throws IOException {
    return Files.isReadable(HOST) ? Files.readString(HOST).strip() : "this host";
  }

  /**
   * Whether a process has the lock of a folder, as far as can be told. It is only tried where the
   * one that had it last lives, or is on another host: a training that begins meanwhile would find
   * it taken.
   */
  static boolean isHeld(Path folder) {
    Path file = folder.resolve("lock");
    try {
      if (HELD.contains(folder.toRealPath())) {
        return true;
      }
      String[] who = holder(folder).split(" ");
      boolean here = who.length == 4 && who[3].equals(host());
      if (!Files.exists(file)
          || (here
              && ProcessHandle.of(Long.parseLong(who[1]))
                  .filter(ProcessHandle::isAlive)
                  .isEmpty())) {
        return false;
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        FileLock lock = channel.tryLock();
        return lock == null; // closing the channel gives it back
      }
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      return false; // not ours to write, or a file system without locks
    }
  }

  /** Who says that it has the lock. */
  static String holder(Path folder) {
    try (InputStream in = Files.newInputStream(folder.resolve("lock"))) {
      String who = new String(in.readNBytes(MOST), StandardCharsets.UTF_8).strip();
      return who.matches("process \\d{1,19} on [\\w.-]{1,255}") ? who : "another process";
    } catch (IOException e) {
      return "another process";
    }
  }

  private RunException taken(String who) {
    return new RunException(
        ("Run '%s' is being trained by %s: expected no other process at it; wait until that ends, "
                + "or choose another --out.")
            .formatted(folder, who));
  }

  /** Gives the lock back. */
  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException("a lock could not be given back", e);
    } finally {
      if (held != null) {
        HELD.remove(held);
      }
      channel = null;
      held = null;
    }
  }
}
