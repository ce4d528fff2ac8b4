package io.quickstudy.backend.cuda;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What was chosen so far, by names, and what an earlier run had chosen, which is chosen again. */
final class Choices {
  private final Map<String, String> known = new LinkedHashMap<>();
  private final Map<String, String> earlier = new HashMap<>();

  /**
   * The way of something.
   *
   * @param ways there are; what an earlier run had that is none of them is chosen anew
   * @param measured says which, when it is first asked for
   */
  String of(String what, Set<String> ways, Supplier<String> measured) {
    String chosen = known.get(what);
    if (chosen == null) {
      String before = earlier.get(what);
      chosen = before != null && ways.contains(before) ? before : measured.get();
      known.put(what, chosen);
    }
    return chosen;
  }

  /** All that was chosen. */
  Map<String, String> all() {
    return new LinkedHashMap<>(known);
  }

  /** Has later choices be those of an earlier run. */
  void repeat(Map<String, String> choices) {
    earlier.putAll(choices);
  }
}
