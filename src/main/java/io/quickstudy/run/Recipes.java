package io.quickstudy.run;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.nn.Models;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import io.quickstudy.settings.Rule;
import io.quickstudy.settings.Setting;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
import io.quickstudy.text.Names;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The defaults. What is not said comes from the {@link Recipe} of the learner on the data, a YAML
 * file among the resources in {@code recipes}; where there is none from that of any learner on the
 * data; and else from what stands beside the value's declaration.
 */
public final class Recipes {
  private static final YamlResources SHELF = new YamlResources("recipes");
  private static final String FILES =
      "files:"; // the split of a folder by lists that lie in another

  /** Images as they are, which is what features are computed of once. */
  private static final Map<String, String> UNCHANGED =
      Map.of(
          "rotations", "none",
          "eval-rotations", "none",
          "max-shift", "0",
          "augment", "none",
          "distort", "0");

  private static final String ATTRIBUTES = "attribute-count"; // what the data has

  /** The keys that say how images are taken. */
  private static final List<String> PICTURES =
      List.of("size", "channels", "ink", "fit", "trim", "levels");

  /** The keys whose values are paths. */
  static final Set<String> PATHS = Set.of("data-dir", "weights", "weights-map");

  private Recipes() {}

  /**
   * A whole configuration from the values that were given.
   *
   * @param given texts by key; "data" may carry a folder behind a colon
   * @throws ConfigException if a value is wrong
   */
  public static RunConfig complete(Map<String, String> given) {
    Map<String, String> g = normalise(given);
    NamedChoices choices = NamedChoices.on(g.getOrDefault("classpath", "")).whole();
    DataSource data =
        RunKeys.in(
            choices.data(g.getOrDefault("data", DataSources.names().getFirst())),
            g.getOrDefault("data-dir", ""),
            g.getOrDefault(RunKeys.COLUMNS, ""));
    LearnerKind<?> learner =
        g.containsKey("learner") ? choices.learner(g.get("learner")) : usual(data);
    refusePictures(g, data);
    RunChecks.tasks(learner, data); // before values for other learners on such data are taken
    Recipe recipe = of(learner, data, choices);
    Optional<ModelKind<?>> model = model(learner, data, recipe, g, choices);
    RunChecks.backbone(learner, model);
    RunKeys.refuseForeign(g, learner, model);

    Map<String, String> all = new LinkedHashMap<>();
    Set<String> own = new HashSet<>();
    for (List<Key> group : RunKeys.of(learner, model).values()) {
      for (Key k : group) {
        all.put(k.name(), k.setting().usual());
        own.add(k.name());
      }
    }
    learner.keys().stream()
        .filter(k -> k.setting().evaluated())
        .forEach(k -> all.put(k.evaluated().name(), "= " + k.name()));
    all.put("split", split(data, g));
    all.put(RunKeys.COLUMNS, data.columns());
    if (data.pictures()) {
      all.put("size", Integer.toString(data.usualSize()));
      all.put("channels", Integer.toString(data.usualChannels()));
      all.put("ink", Values.format(data.usualInk()));
    }
    all.put("batch-norm", Values.format(norm(learner, model)));
    all.put("workers", Integer.toString(java.lang.Runtime.getRuntime().availableProcessors()));
    put(all, recipe.values(), own);
    for (Recipe.Case c : recipe.cases()) {
      if (c.fits(g, k -> value(k, all, g, 0))) {
        put(all, c.values(), own);
      }
    }
    augment(all, g);
    if (!g.getOrDefault("weights", "").isEmpty()) {
      model.map(ModelKind::keys).orElse(List.of()).forEach(k -> plain(k, all));
      if ("3".equals(g.getOrDefault("channels", all.get("channels")))) {
        put(all, model.map(ModelKind::withWeights).orElse(Map.of()), own);
      }
    }
    boolean frozen = !g.getOrDefault("freeze", all.get("freeze")).equals("none");
    if (frozen) {
      put(all, UNCHANGED, own);
    }
    if (frozen || !model.map(ModelKind::hasBatchNorm).orElse(false)) {
      all.put("batch-norm", "none");
    }
    if (model.isEmpty()) {
      all.put("normalise", "none");
    }
    all.put("learner", learner.name());
    all.put("data", RunKeys.text(data));
    all.put("model", model.map(ModelKind::name).orElse(RunKeys.NO_MODEL));
    all.putAll(g);
    all.replaceAll((k, v) -> value(k, all, g, 0));
    derive(all, learner, g);
    if (RunChecks.taskKind(learner, data).equals(Optional.of(TaskKind.ATTRIBUTES))
        && !g.containsKey(ATTRIBUTES)) {
      RunConfig c = RunKeys.parse(all);
      all.put(ATTRIBUTES, Integer.toString(data.attributes(c.request()).size()));
    }
    return RunKeys.parse(all);
  }

  private static void refusePictures(Map<String, String> given, DataSource data) {
    for (Key k : data.pictures() ? List.<Key>of() : Values.keys(TaskSettings.class)) {
      String value = given.getOrDefault(k.name(), k.setting().usual());
      if (PICTURES.contains(k.name()) && !value.equals(k.setting().usual())) {
        throw new ConfigException(
            "Option --%s is %s: expected none for '%s', whose examples are no images; leave it out."
                .formatted(k.name(), Names.shown(value), data.name()));
      }
    }
  }

  private static void put(Map<String, String> all, Map<String, String> more, Set<String> own) {
    more.forEach(
        (k, v) -> {
          if (own.contains(k)) { // others are of a model that was not taken
            all.put(k, v);
          }
        });
  }

  /** The usual values of the changes of images that are asked for. */
  private static void augment(Map<String, String> all, Map<String, String> given) {
    String name = value("augment", all, given, 0);
    if (given.containsKey("augment") || !name.equals(Values.format(Augment.NONE))) {
      Map<String, Key> keys = new LinkedHashMap<>();
      Values.keys(AugmentationSettings.class).forEach(k -> keys.put(k.name(), k));
      Values.keys(TaskSettings.class).forEach(k -> keys.put(k.name(), k));
      Augment kind = (Augment) keys.get("augment").parse(name);
      int size = (Integer) keys.get("size").parse(value("size", all, given, 0));
      int channels = (Integer) keys.get("channels").parse(value("channels", all, given, 0));
      all.putAll(kind.values(size, channels));
    }
  }

  /** Weights of other programs are of the model as it was before it had an option of ours. */
  private static void plain(Key k, Map<String, String> all) {
    if (!k.setting().before().equals(Setting.NEVER_MISSING)) {
      all.put(k.name(), k.setting().before());
    }
  }

  /** The value of a key, worked out from those it follows from. */
  private static String value(
      String key, Map<String, String> all, Map<String, String> given, int depth) {
    String text = given.getOrDefault(key, all.get(key));
    if (text == null || depth > all.size()) {
      throw new ConfigException(
          "Rule of '%s' leads to no value: expected one that ends at a number; correct the recipe."
              .formatted(key));
    }
    return Rule.apply(text, given, k -> value(k, all, given, depth + 1));
  }

  /** What follows from the number of steps, and from an option of the learner that was given. */
  private static void derive(
      Map<String, String> all, LearnerKind<?> learner, Map<String, String> given) {
    for (Key k : learner.keys()) {
      String measured = k.evaluated().name();
      if (k.setting().evaluated() && k.type() == int.class && !given.containsKey(measured)) {
        int trained = (Integer) k.parse(all.get(k.name()));
        int usual = (Integer) k.parse(all.get(measured));
        all.put(measured, Integer.toString(Math.max(trained, usual)));
      }
    }
    Key key = Values.keys(RunSettings.class).getFirst();
    int steps = (Integer) key.parse(all.get(key.name()));
    Map<String, Integer> every = new LinkedHashMap<>();
    every.put("checkpoint-every", Math.clamp(steps / 10, 1, 1000));
    every.put("eval-every", Math.max(1, steps / 5));
    every.put("log-every", Math.clamp(steps / 200, 1, 100));
    every.forEach(
        (k, n) -> {
          if (!given.containsKey(k)) {
            all.put(k, Integer.toString(n));
          }
        });
  }

  private static Norm.Policy norm(LearnerKind<?> learner, Optional<ModelKind<?>> model) {
    boolean normalised = model.map(ModelKind::hasBatchNorm).orElse(false);
    return normalised ? learner.norms().getFirst() : Norm.Policy.NONE;
  }

  /** The learner for data where none is named. */
  private static LearnerKind<?> usual(DataSource data) {
    return Learners.ALL.stream()
        .filter(l -> RunChecks.taskKind(l, data).isPresent())
        .findFirst()
        .orElseThrow();
  }

  private static Optional<ModelKind<?>> model(
      LearnerKind<?> learner,
      DataSource data,
      Recipe recipe,
      Map<String, String> given,
      NamedChoices choices) {
    String usual =
        switch (learner.backbone()) {
          case NONE, OPTIONAL -> RunKeys.NO_MODEL;
          case ANY -> data.pictures() ? Models.ALL.getFirst().name() : "mlp";
        };
    String name = given.getOrDefault("model", recipe.values().getOrDefault("model", usual));
    return name.equals(RunKeys.NO_MODEL) ? Optional.empty() : Optional.of(choices.model(name));
  }

  /**
   * Splits "omniglot:DIR" into data and data-dir, knows the plural of sinusoid, and makes paths
   * absolute, so that a run is the same from any folder.
   *
   * @throws ConfigException if a path is none
   */
  public static Map<String, String> normalise(Map<String, String> given) {
    return normalise(given, Path.of(""));
  }

  /**
   * As {@link #normalise(Map)}, of the values of a file.
   *
   * @param base the folder that relative paths begin at
   */
  static Map<String, String> normalise(Map<String, String> given, Path base) {
    Map<String, String> g = new LinkedHashMap<>();
    given.forEach(
        (k, v) -> {
          int colon = k.equals("data") ? v.indexOf(':') : -1;
          g.put(k, colon < 0 ? v.trim() : v.substring(0, colon).trim());
          if (colon >= 0) {
            g.put("data-dir", v.substring(colon + 1).trim());
          }
        });
    if (g.getOrDefault("data", "").equals("sinusoids")) {
      g.put("data", "sinusoid");
    }
    for (String k : PATHS) {
      g.computeIfPresent(k, (key, v) -> absolute(key, v, base));
    }
    g.computeIfPresent(
        "split",
        (key, v) ->
            v.startsWith(FILES)
                ? FILES + absolute(key, v.substring(FILES.length()).trim(), base)
                : v);
    g.computeIfPresent(
        "classpath",
        (key, v) -> {
          List<String> parts = new ArrayList<>();
          for (String part : v.split(java.io.File.pathSeparator, 0)) {
            parts.add(absolute(key, part, base));
          }
          return String.join(java.io.File.pathSeparator, parts);
        });
    return g;
  }

  private static String absolute(String key, String path, Path base) {
    if (path.isEmpty()) {
      return path;
    }
    try {
      Path there = base.resolve(path).toAbsolutePath().normalize();
      Path here = Path.of(path).toAbsolutePath().normalize();
      // earlier versions took those of a file from where they were started, too
      return (Files.exists(here) && !Files.exists(there) ? here : there).toString();
    } catch (InvalidPathException e) {
      throw new ConfigException(
          "Option --%s is '%s', which is no path (%s): expected one; check it."
              .formatted(key, Names.shown(path), e.getReason()),
          e);
    }
  }

  /** The split that is usual for data; of a folder, what lies in it says. */
  private static String split(DataSource data, Map<String, String> given) {
    String dir = given.getOrDefault("data-dir", "");
    return data.usualSplit(dir.isEmpty() ? Optional.empty() : Optional.of(Path.of(dir)));
  }

  /** The split of a learner on other data than it was trained on. */
  static String split(
      LearnerKind<?> learner, DataSource data, Map<String, String> given, NamedChoices choices) {
    return of(learner, data, choices).values().getOrDefault("split", split(data, given));
  }

  /** The recipe of a learner on data: their own, or that of any learner. */
  static Recipe of(LearnerKind<?> learner, DataSource data, NamedChoices choices) {
    String own = own(learner, data);
    Optional<String> beside = choices.resource(learner.name(), data.name());
    Recipe r =
        beside.isPresent()
            ? Recipe.parse(own, beside.get(), Recipes::named)
            : named(SHELF.has(own) ? own : shared(data));
    check(r, learner);
    return r;
  }

  /** The name of a learner's own recipe: of a table it is that of what the table holds. */
  private static String own(LearnerKind<?> learner, DataSource data) {
    String name = learner.name() + "-" + data.name();
    String kind = name + "-" + Values.kebab(data.kind().name());
    return SHELF.has(kind) ? kind : name;
  }

  /** The name of the recipe of any learner on data. */
  private static String shared(DataSource data) {
    String kind = Values.kebab(data.kind().name());
    return Stream.of("any-" + data.name(), "any-" + data.name() + "-" + kind)
        .filter(SHELF::has)
        .findFirst()
        .orElse("any-" + kind);
  }

  private static void check(Recipe r, LearnerKind<?> learner) {
    List<String> known = new ArrayList<>(RunKeys.names());
    for (Key k : learner.keys()) {
      known.add(k.name());
      known.add(k.evaluated().name());
    }
    for (String key : r.keys()) {
      if (!known.contains(key)) {
        throw new ConfigException(
            "Recipe '%s' has the unknown key '%s': expected one of a run's; %s"
                .formatted(r.name(), Names.shown(key), Names.hint("", key, known, "take it out.")));
      }
    }
  }

  private static Recipe named(String name) {
    if (!SHELF.has(name)) {
      throw new ConfigException(Names.unknown("recipe", name, SHELF.names()));
    }
    return Recipe.parse(name, SHELF.text(name), Recipes::named);
  }

  /** The recipes that are a learner's own, by their names. */
  static List<Recipe> all() {
    return SHELF.names().stream().filter(n -> !n.startsWith("any-")).map(Recipes::named).toList();
  }
}
