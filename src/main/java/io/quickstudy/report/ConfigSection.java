package io.quickstudy.report;

import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunKeys;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Every value of the run, and which of them somebody chose. */
final class ConfigSection {
  /** What says where and on what machine, and is nobody's choice of method. */
  private static final Set<String> PLACE = Set.of("workers", "device", "data-dir", "memory-limit");

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
    h.element("code", command(values, chosen)).close();
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

  /**
   * The values that make the run from its recipe: those that the recipe would not come to by the
   * ones before them.
   */
  static Map<String, String> chosen(Map<String, String> values) {
    Map<String, String> given = new LinkedHashMap<>();
    for (Map.Entry<String, String> e : values.entrySet()) {
      String usual = recipe(values, given).get(e.getKey());
      if (usual != null && !usual.equals(e.getValue()) && !PLACE.contains(e.getKey())) {
        given.put(e.getKey(), e.getValue());
      }
    }
    for (String key : List.copyOf(given.keySet())) { // what follows from one that came later
      Map<String, String> without = new LinkedHashMap<>(given);
      without.remove(key);
      if (given.get(key).equals(recipe(values, without).get(key))) {
        given.remove(key);
      }
    }
    return given;
  }

  /** The recipe, given some values; without them where these alone do not fit together. */
  private static Map<String, String> recipe(Map<String, String> values, Map<String, String> given) {
    Map<String, String> g = new LinkedHashMap<>();
    g.put("learner", values.get("learner"));
    g.put("data", values.get("data"));
    Stream.of("data-dir", "classpath")
        .filter(k -> !values.getOrDefault(k, "").isEmpty())
        .forEach(k -> g.put(k, values.get(k)));
    try {
      Map<String, String> all = new LinkedHashMap<>(g);
      all.putAll(given);
      return RunKeys.texts(Recipes.complete(all));
    } catch (ConfigException e) {
      return given.isEmpty() ? Map.of() : recipe(values, Map.of());
    }
  }

  private static String command(Map<String, String> values, Map<String, String> chosen) {
    String dir = values.getOrDefault("data-dir", "");
    String data = values.get("data") + (dir.isEmpty() ? "" : ":" + dir);
    StringBuilder b = new StringBuilder("quickstudy train");
    b.append(" --learner ").append(quoted(values.get("learner")));
    b.append(" --data ").append(quoted(data));
    chosen.forEach((k, v) -> b.append(" --").append(k).append(' ').append(quoted(v)));
    return b.toString();
  }

  private static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
