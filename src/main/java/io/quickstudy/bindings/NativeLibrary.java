package io.quickstudy.bindings;

import java.util.Locale;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;

/** Loads the native library once and remembers why, where it does not load. */
public final class NativeLibrary {
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
    String platform = Loader.getPlatform();
    return String.format(
        Locale.ROOT,
        "The native library for %s did not load (%s); build it on this machine with"
            + " 'mvn -Dquick -DskipTests package'.",
        platform,
        reason);
  }
}
