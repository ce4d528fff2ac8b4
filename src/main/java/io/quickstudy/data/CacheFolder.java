package io.quickstudy.data;

import java.nio.file.Path;
import java.util.Map;

/** Where Quickstudy keeps what it can fetch or make again. */
public final class CacheFolder {
  private CacheFolder() {}

  /** The folder of a name: {@code $XDG_CACHE_HOME} or {@code ~/.cache}, below it quickstudy. */
  public static Path of(String name) {
    return of(name, System.getenv(), home());
  }

  /** The user's home folder; the one for temporary files where a user of a container has none. */
  public static Path home() {
    Path home = Path.of(System.getProperty("user.home", "?")); // "?" of one without a name
    return home.isAbsolute() ? home : Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** As {@link #of(String)}, in another environment and home folder. */
  public static Path of(String name, Map<String, String> environment, Path home) {
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path base = cache.isBlank() ? home.resolve(".cache") : Path.of(cache);
    return base.resolve("quickstudy").resolve(name);
  }
}
