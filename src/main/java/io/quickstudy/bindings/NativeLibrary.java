package io.quickstudy.bindings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;

/** Loads the native library once and remembers why, where it does not load. */
public final class NativeLibrary {
  private static final String CACHE = "org.bytedeco.javacpp.cachedir";
  private static final Path MOUNTS = Path.of("/proc/self/mounts");

  /** What our libraries and OpenBLAS take, unpacked. */
  private static final long ROOM = 64 << 20;

  private NativeLibrary() {}

  /** The first touch of a class that fails to load tells the reason, later ones do not: keep it. */
  private static final class Holder {
    static final Optional<String> PROBLEM = load();

    private static Optional<String> load() {
      try {
        Loader.load(Native.class);
        return Optional.empty();
      } catch (LinkageError e) {
        return Optional.of(sentence(e));
      }
    }
  }

  /** Why the native library cannot be used, in one sentence, or nothing where it can. */
  public static Optional<String> problem() {
    return Holder.PROBLEM;
  }

  /**
   * Returns where the native library is loaded, at once after the first call.
   *
   * @throws IllegalStateException with {@link #problem()} as its message, where it does not load
   */
  public static void require() {
    problem()
        .ifPresent(
            reason -> {
              throw new IllegalStateException(reason);
            });
  }

  static String sentence(LinkageError error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String reason = String.valueOf(root.getMessage()).lines().findFirst().orElse("").strip();
    String advice =
        cache()
            .flatMap(NativeLibrary::fault)
            .map(
                fault ->
                    "the folder it is unpacked in, "
                        + fault
                        + "; name another with QUICKSTUDY_JAVA_OPTS=-D"
                        + CACHE
                        + "=DIR")
            .orElse("build it on this machine with 'mvn -Dquick -DskipTests package'");
    return "The native library for %s did not load (%s); %s."
        .formatted(Loader.getPlatform(), reason, advice);
  }

  /** Where JavaCPP unpacks libraries; nothing where it does not, as in the bundle. */
  private static Optional<Path> cache() {
    if (System.getProperty("org.bytedeco.javacpp.cachelibraries", "true").equals("false")) {
      return Optional.empty();
    }
    String named = System.getProperty(CACHE);
    try {
      return Optional.of(named == null ? Loader.getCacheDir().toPath() : Path.of(named));
    } catch (IOException e) {
      return Optional.of(Path.of(System.getProperty("user.home"), ".javacpp", "cache"));
    }
  }

  /** Why libraries in a folder cannot be used, where its disk or rights are why. */
  static Optional<String> fault(Path folder) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    try {
      if (!Files.isWritable(there)) {
        return Optional.of("'%s', cannot be written".formatted(folder));
      }
      if (forbidsCode(there.toRealPath())) {
        return Optional.of(
            "'%s', is on a disk of which nothing is executed (noexec)".formatted(folder));
      }
      long free = Files.getFileStore(there).getUsableSpace();
      return free < ROOM
          ? Optional.of("'%s', is full (%s KiB are left)".formatted(folder, free >> 10))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.of("'%s', cannot be used (%s)".formatted(folder, e));
    }
  }

  private static boolean forbidsCode(Path folder) throws IOException {
    return Files.isReadable(MOUNTS)
        && forbidsCode(folder, Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1));
  }

  /** Whether the file system that holds a folder is mounted with noexec, as Linux lists them. */
  static boolean forbidsCode(Path folder, List<String> mounts) {
    int longest = -1;
    boolean forbids = false;
    for (String line : mounts) {
      String[] words = line.split(" ", -1); // device, place with blanks as \\040, type, options
      if (words.length < 4) {
        continue;
      }
      Path place = Path.of(words[1].replace("\\040", " "));
      if (folder.startsWith(place) && place.getNameCount() >= longest) {
        longest = place.getNameCount();
        forbids = List.of(words[3].split(",", -1)).contains("noexec");
      }
    }
    return forbids;
  }
}
