package io.quickstudy.run;

import io.quickstudy.data.Split;
import io.quickstudy.data.image.FolderSplit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The learners, models and data there are, their options and defaults. */
public final class Catalogue {
  private Catalogue() {}

  /**
   * One thing that can be chosen.
   *
   * @param name what people type
   * @param about one line
   * @param options that matter to it
   */
  public record Entry(String name, String about, List<String> options) {}

  /** A learner. */
  public static Entry entry(LearnerName l) {
    List<String> o = new ArrayList<>(List.of("ways", "shots"));
    if (!l.sequential()) {
      o.add("queries");
    }
    o.add("meta-batch");
    if (l.adapts()) {
      o.addAll(List.of("inner-steps", "inner-rate", "eval-inner-steps"));
    }
    if (l == LearnerName.PROTONET) {
      o.addAll(List.of("eval-ways", "eval-shots", "eval-queries"));
    }
    o.add(l.sequential() ? "max-shift" : "batch-norm");
    return new Entry(l.toString(), l.about(), List.copyOf(o));
  }

  /** A model. */
  public static Entry entry(ModelName m) {
    List<String> options =
        m == ModelName.CONV
            ? List.of("filters", "blocks", "down", "head", "batch-norm")
            : List.of("hidden");
    return new Entry(m.toString(), m.about(), options);
  }

  /** Data. */
  public static Entry entry(DataName d) {
    List<String> options =
        switch (d) {
          case SINUSOID -> List.of("shots");
          case FOLDER -> List.of("split", "size", "channels", "ink", "rotations");
          default -> List.of("split", "size", "rotations");
        };
    return new Entry(d.toString(), d.about(), options);
  }

  /** The splits that fit data; the first is not always the default. */
  public static List<String> splits(DataName d) {
    return switch (d) {
      case SINUSOID -> List.of("none");
      case GLYPHS -> List.of(Split.Rule.HELDOUT.key(), Split.Rule.RANDOM.key());
      case OMNIGLOT ->
          Arrays.stream(Split.Rule.values())
              .filter(r -> r != Split.Rule.FOLDERS && r != Split.Rule.FILES)
              .map(Split.Rule::key)
              .toList();
      case FOLDER -> FolderSplit.RULES.stream().map(Split.Rule::key).toList();
    };
  }

  /** The data that a learner can learn from. */
  public static List<DataName> data(LearnerName l) {
    return Arrays.stream(DataName.values()).filter(d -> d.images() || l.adapts()).toList();
  }

  /** The whole configuration of a learner on data where nothing else is said. */
  public static RunConfig defaults(LearnerName l, DataName d) {
    String data = d == DataName.FOLDER ? d + ":DIR" : d.toString();
    return Recipes.complete(Map.of("learner", l.toString(), "data", data));
  }

  /** Everything, for {@code list --json}. */
  public static Map<String, Object> json() {
    Map<String, Object> m = new LinkedHashMap<>();
    List<Object> learners = new ArrayList<>();
    for (LearnerName l : LearnerName.values()) {
      Map<String, Object> e = json(entry(l));
      Map<String, Object> defaults = new LinkedHashMap<>();
      data(l).forEach(d -> defaults.put(d.toString(), texts(defaults(l, d))));
      e.put("defaults", defaults);
      learners.add(e);
    }
    m.put("learners", learners);
    m.put("models", Arrays.stream(ModelName.values()).map(v -> json(entry(v))).toList());
    List<Object> data = new ArrayList<>();
    for (DataName d : DataName.values()) {
      Map<String, Object> e = json(entry(d));
      e.put("splits", splits(d));
      data.add(e);
    }
    m.put("data", data);
    m.put("configurations", Configurations.names().stream().map(Catalogue::ready).toList());
    m.put("options", ConfigKeys.all().stream().map(Catalogue::json).toList());
    return m;
  }

  private static Map<String, Object> ready(String name) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("name", name);
    m.put("about", Configurations.about(name));
    m.put("values", texts(Recipes.complete(Configurations.values(name))));
    return m;
  }

  private static Map<String, Object> texts(RunConfig c) {
    Map<String, Object> m = new LinkedHashMap<>();
    ConfigKeys.values(c)
        .forEach(
            (k, v) ->
                m.put(k, v instanceof Number || v instanceof List ? v : ConfigKeys.format(v)));
    return m;
  }

  private static Map<String, Object> json(Entry e) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("name", e.name());
    m.put("about", e.about());
    m.put("options", e.options());
    return m;
  }

  private static Map<String, Object> json(ConfigKeys.Key k) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("name", k.name());
    m.put("meaning", k.meaning());
    m.put("values", k.choices().isEmpty() ? k.placeholder() : k.choices());
    return m;
  }
}
