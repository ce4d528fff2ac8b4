package io.quickstudy.backend.plan;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Where the time of a program's runs went, as a table. */
public final class Profile {
  private Profile() {}

  /**
   * A line on the whole, then one for each step, the longest first.
   *
   * @param name of the program
   * @param how it was measured
   * @param ns of each step, over all runs
   * @param runs how many
   * @param steps what each step does
   */
  public static String table(String name, String how, long[] ns, int runs, List<String> steps) {
    long total = Math.max(1, Arrays.stream(ns).sum());
    StringBuilder s =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%s: %.3f ms %s, %s steps%n",
                name,
                total / 1e6 / runs,
                how,
                ns.length));
    IntStream.range(0, ns.length)
        .boxed()
        .sorted(Comparator.comparingLong(i -> -ns[i]))
        .forEach(
            i ->
                s.append(
                    String.format(
                        Locale.ROOT,
                        "%9.1f us %5.1f%%  %s%n",
                        ns[i] / 1e3 / runs,
                        100.0 * ns[i] / total,
                        steps.get(i))));
    return s.toString();
  }
}
