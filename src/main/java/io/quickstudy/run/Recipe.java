package io.quickstudy.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The defaults of a learner on data, as a YAML file says them:
 *
 * <pre>
 * like: maml-omniglot              # another recipe, whose values and cases these come after
 * paper: Finn et al. 2017, section 5.2
 * values: {ways: 5, inner-rate: = 0.4 * ways}
 * cases:                           # each that fits, in order
 *   - when: {ways: 11..}           # a value, a range, or "given"
 *     values: {inner-steps: 5}
 * deviations: [what differs from the paper, and why]
 * reached: the figure that it ends with, beside the paper's
 * </pre>
 *
 * @param name LEARNER-DATA
 * @param about what it is, from the file's first line
 * @param paper where in which paper the values are from; empty where in none
 * @param values by key: texts or {@link io.quickstudy.settings.Rule}s
 * @param cases that change them
 * @param deviations from the paper, each with its reason
 * @param reached the figure; empty where none was measured
 */
record Recipe(
    String name,
    String about,
    String paper,
    Map<String, String> values,
    List<Case> cases,
    List<String> deviations,
    String reached) {
  private static final List<String> PARTS =
      List.of("like", "paper", "values", "cases", "deviations", "reached");

  /**
   * Values for some tasks alone.
   *
   * @param when what has to hold, by key
   * @param values that then hold
   */
  record Case(Map<String, String> when, Map<String, String> values) {
    private static final String GIVEN = "given";

    /** Whether all of it holds. */
    boolean fits(Map<String, String> given, UnaryOperator<String> value) {
      return when.entrySet().stream()
          .allMatch(
              e ->
                  e.getValue().equals(GIVEN)
                      ? given.containsKey(e.getKey())
                      : within(value.apply(e.getKey()), e.getValue()));
    }

    private static boolean within(String text, String range) {
      int dots = range.indexOf("..");
      if (dots < 0) {
        return text.equals(range);
      }
      try {
        double v = Double.parseDouble(text);
        String low = range.substring(0, dots);
        String high = range.substring(dots + 2);
        return (low.isEmpty() || v >= Double.parseDouble(low))
            && (high.isEmpty() || v <= Double.parseDouble(high));
      } catch (NumberFormatException e) {
        return false; // what is no number is refused where it is used
      }
    }
  }

  /** Every key that it gives a value for, or asks of. */
  List<String> keys() {
    List<String> all = new ArrayList<>(values.keySet());
    for (Case c : cases) {
      all.addAll(c.when().keySet());
      all.addAll(c.values().keySet());
    }
    return List.copyOf(all);
  }

  /**
   * Reads one.
   *
   * @param name for messages
   * @param yaml its text
   * @param other another recipe by name
   * @throws ConfigException if it is none
   */
  static Recipe parse(String name, String yaml, java.util.function.Function<String, Recipe> other) {
    JsonNode root = ConfigFile.tree("Recipe '" + name + "'", yaml);
    root.fieldNames()
        .forEachRemaining(
            part -> {
              if (!PARTS.contains(part)) {
                throw new ConfigException(
                    "Recipe '%s' has the unknown part '%s': expected some of %s; correct it."
                        .formatted(name, Names.shown(part), String.join(", ", PARTS)));
              }
            });
    Optional<Recipe> base =
        root.has("like") ? Optional.of(other.apply(root.get("like").asText())) : Optional.empty();
    Map<String, String> values = new LinkedHashMap<>();
    List<Case> cases = new ArrayList<>();
    // of the other one, what its cases say gives way to what is said here
    Map<String, String> own = texts(name, root.path("values"));
    base.ifPresent(
        b -> {
          values.putAll(b.values());
          for (Case c : b.cases()) {
            Map<String, String> left = new LinkedHashMap<>(c.values());
            left.keySet().removeAll(own.keySet());
            cases.add(new Case(c.when(), left));
          }
        });
    values.putAll(own);
    for (JsonNode c : root.path("cases")) {
      cases.add(new Case(texts(name, c.path("when")), texts(name, c.path("values"))));
    }
    List<String> deviations = new ArrayList<>();
    root.path("deviations").forEach(d -> deviations.add(d.asText()));
    String first = yaml.lines().findFirst().orElse("");
    return new Recipe(
        name,
        first.startsWith("# ") ? first.substring(2) : name,
        root.path("paper").asText(),
        values,
        List.copyOf(cases),
        List.copyOf(deviations),
        root.path("reached").asText());
  }

  private static Map<String, String> texts(String name, JsonNode block) {
    Map<String, String> m = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : block.properties()) {
      if (!e.getValue().isValueNode()) {
        throw new ConfigException(
            "Recipe '%s' has a block under '%s': expected one value; correct it."
                .formatted(name, Names.shown(e.getKey())));
      }
      m.put(e.getKey(), e.getValue().asText());
    }
    return m;
  }
}
