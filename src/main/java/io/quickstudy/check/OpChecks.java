package io.quickstudy.check;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/**
 * Checks of every op on a device. They are the project's own tests, which the bundle brings as a
 * service; a checkout of the sources runs them with Maven.
 */
public interface OpChecks {
  /**
   * What they found.
   *
   * @param failures a line for each of the first that failed
   */
  record Found(int passed, int failed, int skipped, List<String> failures) {
    /** Whether all passed, of one at least. */
    public boolean allPassed() {
      return passed > 0 && failed == 0 && skipped == 0;
    }
  }

  /** Checks "cpu", "cuda" or "cuda:1", with a line now and then on how far it is. */
  Found run(String device, Consumer<String> progress);

  /** Those on the class path, if there are. */
  static Optional<OpChecks> find() {
    return ServiceLoader.load(OpChecks.class).findFirst();
  }
}
