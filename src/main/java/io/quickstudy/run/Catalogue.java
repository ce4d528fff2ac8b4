package io.quickstudy.run;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.nn.Models;
import io.quickstudy.settings.Key;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
import java.util.ArrayList;
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

  /**
   * What a learner does on data where nothing else is said.
   *
   * @param config all of it
   * @param paper where in which paper that is from; empty where in none
   * @param deviations from the paper, each with its reason
   * @param reached the figure that it ends with; empty where none was measured
   */
  public record Default(RunConfig config, String paper, List<String> deviations, String reached) {}

  /** A learner. */
  public static Entry entry(LearnerKind<?> l) {
    List<String> o = new ArrayList<>(List.of("ways"));
    if (!l.takes(TaskKind.ATTRIBUTES)) {
      o.add("shots");
    }
    boolean sequences = l.takes(TaskKind.SEQUENCES);
    if (!sequences) {
      o.add("queries");
    }
    o.add("meta-batch");
    l.keys().forEach(k -> o.add(k.name()));
    RunKeys.evaluated(l).forEach(k -> o.add(k.name()));
    if (l.ways() != LearnerKind.Ways.FIXED) {
      o.add("eval-ways");
    }
    if (l.unlabelled()) {
      o.addAll(List.of("unlabelled", "eval-unlabelled", "distractors"));
    }
    if (sequences) {
      o.add("max-shift");
    }
    if (l.backbone() != LearnerKind.Backbones.NONE) {
      o.add("batch-norm");
    }
    return new Entry(l.name(), l.about(), List.copyOf(o));
  }

  /** A model. */
  public static Entry entry(ModelKind<?> m) {
    List<String> o = new ArrayList<>(m.keys().stream().map(Key::name).toList());
    if (m.hasBatchNorm()) {
      o.add("batch-norm");
    }
    return new Entry(m.name(), m.about(), List.copyOf(o));
  }

  /** Data. */
  public static Entry entry(DataSource d) {
    List<String> o =
        Values.keys(TaskSettings.class).stream()
            .map(Key::name)
            .filter(d.options()::contains)
            .toList();
    return new Entry(d.name(), d.about(), o);
  }

  /** The data that a learner can learn from. */
  public static List<DataSource> data(LearnerKind<?> l) {
    return DataSources.ALL.stream()
        .flatMap(d -> d.forms().stream())
        .filter(d -> RunChecks.taskKind(l, d).isPresent())
        .toList();
  }

  /** What data is called, with its kind where it may be of several: "table of classes". */
  public static String label(DataSource d) {
    return d.forms().size() == 1 ? d.name() : d.name() + " of " + Values.format(d.kind());
  }

  /** What a learner does on data where nothing else is said. */
  public static Default defaults(LearnerKind<?> l, DataSource d) {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("learner", l.name());
    given.put("data", d.needsFolder() ? d.name() + ":DIR" : d.name());
    given.put(RunKeys.COLUMNS, d.columns());
    RunConfig config = Recipes.complete(given);
    Recipe r = Recipes.of(l, d, NamedChoices.on(""));
    return new Default(config, r.paper(), r.deviations(), r.reached());
  }

  /** Everything, for {@code list --json}. */
  public static Map<String, Object> json() {
    Map<String, Object> m = new LinkedHashMap<>();
    List<Object> learners = new ArrayList<>();
    for (LearnerKind<?> l : Learners.ALL) {
      Map<String, Object> e = json(entry(l));
      e.put("paper", l.paper());
      e.put("tasks", l.tasks().stream().map(TaskKind::toString).toList());
      e.put("ways", Values.format(l.ways()));
      e.put("batch_norm", l.norms().stream().map(Values::format).toList());
      e.put("adapting_makes", l.makes());
      Map<String, Object> defaults = new LinkedHashMap<>();
      Map<String, Object> recipes = new LinkedHashMap<>();
      for (DataSource d : data(l)) {
        Default x = defaults(l, d);
        defaults.put(label(d), texts(x.config()));
        Map<String, Object> recipe = new LinkedHashMap<>();
        recipe.put("paper", x.paper());
        recipe.put("deviations", x.deviations());
        recipe.put("reached", x.reached());
        recipes.put(label(d), recipe);
      }
      e.put("defaults", defaults);
      e.put("recipes", recipes);
      learners.add(e);
    }
    m.put("learners", learners);
    m.put("models", Models.ALL.stream().map(v -> json(entry(v))).toList());
    List<Object> data = new ArrayList<>();
    for (DataSource d : DataSources.ALL.stream().flatMap(s -> s.forms().stream()).toList()) {
      Map<String, Object> e = json(entry(d));
      e.put("splits", d.splits());
      e.put("kind", Values.format(d.kind()));
      data.add(e);
    }
    m.put("data", data);
    m.put("configurations", Configurations.names().stream().map(Catalogue::ready).toList());
    m.put(
        "options",
        RunKeys.all(List.of(), List.of()).values().stream()
            .flatMap(List::stream)
            .map(Catalogue::json)
            .toList());
    return m;
  }

  private static Map<String, Object> ready(String name) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("name", name);
    m.put("about", Configurations.about(name));
    m.put("paper", Configurations.paper(name));
    m.put("values", texts(Recipes.complete(Configurations.values(name))));
    return m;
  }

  private static Map<String, Object> texts(RunConfig c) {
    Map<String, Object> m = new LinkedHashMap<>();
    RunKeys.values(c)
        .forEach(
            (k, v) -> m.put(k, v instanceof Number || v instanceof List ? v : Values.format(v)));
    return m;
  }

  private static Map<String, Object> json(Entry e) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("name", e.name());
    m.put("about", e.about());
    m.put("options", e.options());
    return m;
  }

  private static Map<String, Object> json(Key k) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("name", k.name());
    m.put("meaning", k.meaning());
    m.put("values", k.choices().isEmpty() ? k.placeholder() : k.choices());
    m.put("default", k.setting().usual());
    if (!k.setting().before().equals(io.quickstudy.settings.Setting.NEVER_MISSING)) {
      m.put("in_older_runs", k.setting().before());
    }
    return m;
  }
}
