package io.quickstudy.report;

import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunKeys;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Every value of the run, and which of them somebody chose. */
final class ConfigSection {
  /** What says where and on what machine, and is nobody's choice of method. */
  private static final Set<String> PLACE = Set.of("workers", "device", "data-dir", "memory-limit");

  /** What names the recipe, and where its parts are. */
  private static final List<String> NAMED = List.of("learner", "data", "data-dir", "classpath");

  private ConfigSection() {}

  static Html section(RunConfig c) {
    Map<String, String> values = RunKeys.texts(c);
    Map<String, String> chosen = chosen(values);
    Map<String, String> usual = recipe(values, Map.of());
    Html h = new Html().open("section", "id", "configuration").element("h2", "Configuration");
    h.open("p")
        .text(
            chosen.isEmpty()
                ? "All as the recipe of '%s' has it."
                    .formatted(c.learner().name() + " on " + c.data().name())
                : "Marked ● is what differs from the recipe of '%s' and does not follow from another value."
                    .formatted(c.learner().name() + " on " + c.data().name()));
    h.close();
    h.open("p").text("To train it again: ");
    h.element("code", command(values)).close();
    h.open("div", "class", "groups");
    for (var group : RunKeys.of(c.learner(), c.model()).entrySet()) {
      h.open("div").element("h3", group.getKey().heading()).open("dl", "class", "values");
      for (Key k : group.getValue()) {
        if (values.containsKey(k.name())) {
          String value = values.get(k.name());
          boolean marked = chosen.containsKey(k.name());
          h.open("div", "class", marked ? "chosen" : null, "title", k.meaning());
          h.element("dt", (marked ? "● " : "") + k.name());
          h.open("dd").text(value.isEmpty() ? "–" : value);
          if (marked && usual.containsKey(k.name())) {
            h.text(" ").element("span", "recipe: " + usual.get(k.name()));
          }
          h.close().close();
        }
      }
      h.close().close();
    }
    return h.close().close();
  }

  /** The values that somebody chose of those that make the run again: not where it was trained. */
  static Map<String, String> chosen(Map<String, String> values) {
    Map<String, String> given = given(values);
    given.keySet().removeAll(PLACE);
    return given;
  }

  /**
   * The fewest values that make the run from its recipe, in their order: of all values, those
   * without which it would be another. What follows from others stands behind these, and goes
   * first.
   */
  static Map<String, String> given(Map<String, String> values) {
    Map<String, String> given = new LinkedHashMap<>(values);
    given.keySet().removeAll(NAMED);
    given.values().removeIf(String::isEmpty);
    int before;
    do {
      before = given.size();
      List<String> backwards = new ArrayList<>(given.keySet());
      Collections.reverse(backwards);
      for (String key : backwards) {
        String value = given.remove(key);
        if (!recipe(values, given).equals(values)) {
          given.put(key, value);
        }
      }
    } while (given.size() < before); // what follows from the recipe as long as another is not given
    Map<String, String> ordered = new LinkedHashMap<>(values);
    ordered.keySet().retainAll(given.keySet());
    return ordered;
  }

  /** The recipe, given some values; nothing where these do not fit together. */
  private static Map<String, String> recipe(Map<String, String> values, Map<String, String> given) {
    Map<String, String> all = new LinkedHashMap<>(given);
    NAMED.stream()
        .filter(k -> !values.getOrDefault(k, "").isEmpty())
        .forEach(k -> all.put(k, values.get(k)));
    try {
      return RunKeys.texts(Recipes.complete(all));
    } catch (ConfigException e) {
      return Map.of();
    }
  }

  /** The command that makes the run again. */
  static String command(Map<String, String> values) {
    String dir = values.getOrDefault("data-dir", "");
    String data = values.get("data") + (dir.isEmpty() ? "" : ":" + dir);
    StringBuilder b = new StringBuilder("quickstudy train");
    b.append(" --learner ").append(quoted(values.get("learner")));
    b.append(" --data ").append(quoted(data));
    Map<String, String> more = given(values);
    if (!values.getOrDefault("classpath", "").isEmpty()) {
      more.put("classpath", values.get("classpath"));
    }
    more.forEach((k, v) -> b.append(" --").append(k).append(' ').append(quoted(v)));
    return b.toString();
  }

  private static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
