package io.quickstudy.train;

import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What to try where numbers are no longer finite, by the options that a learner has. */
final class Repair {
  private Repair() {}

  /** The end of a sentence: "try fewer --inner-steps, a smaller --inner-rate". */
  static String ofNumbers(RunConfig c) {
    Map<String, Object> options = Values.values(c.options());
    List<String> tries = new ArrayList<>();
    options.keySet().stream()
        .filter(k -> k.endsWith("-steps"))
        .forEach(k -> tries.add("fewer --" + k));
    options.keySet().stream()
        .filter(k -> k.endsWith("-rate"))
        .forEach(k -> tries.add("a smaller --" + k));
    return tries.isEmpty()
        ? "train again with a smaller --rate"
        : "try " + String.join(", ", tries) + ", or train with a smaller --rate";
  }
}
