package io.quickstudy.data;

import java.nio.file.Path;
import java.util.Map;

/** Where Quickstudy keeps what it can fetch or make again. */
public final class CacheFolder {
  private CacheFolder() {}

  /** The folder of a name: {@code $XDG_CACHE_HOME} or {@code ~/.cache}, below it quickstudy. */
  public static Path of(String name) {
    return of(name, System.getenv(), Path.of(System.getProperty("user.home")));
  }

  /** As {@link #of(String)}, in another environment and home folder. */
  public static Path of(String name, Map<String, String> environment, Path home) {
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path base = cache.isBlank() ? home.resolve(".cache") : Path.of(cache);
    return base.resolve("quickstudy").resolve(name);
  }
}
