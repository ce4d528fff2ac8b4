package io.quickstudy.data.image;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * Which entries of a cache processes read. An entry that is mapped into memory must not go away
 * under its reader: on a network disk that would end the process. So who reads one holds a shared
 * lock on a file beside it as long as the process lives.
 */
final class CacheLocks {
  private static final Map<Path, FileLock> HELD = new HashMap<>();

  private CacheLocks() {}

  static Path file(Path folder, String key) {
    return folder.toAbsolutePath().resolve(key + ".lock");
  }

  /** Says that this process reads an entry. */
  static void use(Path folder, String key) {
    Path path = file(folder, key);
    synchronized (HELD) {
      if (HELD.containsKey(path)) {
        return;
      }
      FileChannel channel = null;
      try {
        channel = open(path);
        HELD.put(path, channel.tryLock(0, Long.MAX_VALUE, true));
      } catch (IOException e) {
        // where locks cannot be had, nothing can be deleted either: see isFree
        closeQuietly(channel);
      }
    }
  }

  /** Whether no process, this one included, reads an entry, as far as one can know. */
  static boolean isFree(Path folder, String key) {
    Path path = file(folder, key);
    synchronized (HELD) {
      if (HELD.containsKey(path)) {
        return false; // and closing another channel of the file would give up its lock
      }
      try (FileChannel channel = open(path);
          FileLock lock = channel.tryLock()) {
        return lock != null;
      } catch (IOException e) {
        return false;
      }
    }
  }

  private static FileChannel open(Path path) throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // it was only opened to lock it
    }
  }
}
