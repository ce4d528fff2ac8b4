package io.quickstudy.run;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.nn.Models;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import io.quickstudy.settings.Setting;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The values of a {@link RunConfig} as one flat list of named texts. */
public final class RunKeys {
  /** What key "model" says of a learner without a backbone. */
  public static final String NO_MODEL = "none";

  /** The key of what a table holds. */
  static final String COLUMNS = "columns";

  private RunKeys() {}

  /** Headings, in the order in which they are shown. */
  public enum Group {
    /** What is learned from. */
    TASKS("Tasks"),
    /** How it is learned. */
    LEARNER("Learner and model"),
    /** How the parameters move. */
    OPTIMISER("Optimiser"),
    /** What is measured. */
    EVALUATION("Evaluation"),
    /** How long, where and how. */
    RUN("Run");

    private final String heading;

    Group(String heading) {
      this.heading = heading;
    }

    /** The heading's text. */
    public String heading() {
      return heading;
    }
  }

  /** What is chosen by name. */
  private record Named(
      @Setting("the data, with :DIR for where it is") String data,
      @Setting("the learner") String learner,
      @Setting("the model") String model,
      @Setting(
              value = "jars and folders of your own classes, as a path; empty for none",
              before = "",
              placeholder = "PATH")
          String classpath) {}

  /** What commands have options for that are no keys, so that no learner's or model's can be. */
  private static final Set<String> COMMANDS =
      Set.of(
          "config",
          "out",
          "resume",
          "tensorboard",
          "json",
          "csv",
          "debug",
          "help",
          "episodes",
          "split-part",
          "support",
          "query",
          "min-confidence",
          "together",
          "onnx",
          "safetensors",
          "layout",
          "against",
          "html",
          "neighbours",
          "by",
          "checkpoint",
          "sort");

  private static final List<Key> NAMED = Values.keys(Named.class);

  private static Key named(String name) {
    return NAMED.stream().filter(k -> k.name().equals(name)).findFirst().orElseThrow();
  }

  /**
   * The keys of a learner with a model, in their order.
   *
   * @throws ConfigException if learner and model have an option of the same name, or one of them
   *     has an option that every run has
   */
  public static Map<Group, List<Key>> of(LearnerKind<?> learner, Optional<ModelKind<?>> model) {
    List<Key> options = model.map(ModelKind::keys).orElse(List.of());
    Map<Group, List<Key>> m = grouped(learner.keys(), options);
    Map<String, Long> counts =
        m.values().stream()
            .flatMap(List::stream)
            .collect(Collectors.groupingBy(Key::name, Collectors.counting()));
    counts.forEach(
        (name, n) -> {
          if (n > 1 || COMMANDS.contains(name)) {
            throw new ConfigException(
                "Option '%s' of learner '%s'%s is there already: expected a name that no other option has; rename it in the record of options%s."
                    .formatted(
                        name,
                        learner,
                        model.map(k -> " or model '" + k + "'").orElse(""),
                        model.isPresent() ? ", or take another model" : ""));
          }
        });
    return m;
  }

  private static Map<Group, List<Key>> grouped(Collection<Key> learners, Collection<Key> models) {
    Map<Group, List<Key>> m = new LinkedHashMap<>();
    m.put(
        Group.TASKS,
        join(
            List.of(named("data")),
            Values.keys(TaskSettings.class),
            Values.keys(AugmentationSettings.class)));
    List<Key> network = Values.keys(ModelSettings.class);
    m.put(
        Group.LEARNER,
        join(List.of(named("learner")), learners, List.of(named("model")), models, network));
    m.put(Group.OPTIMISER, Values.keys(OptimiserSettings.class));
    List<Key> measured =
        learners.stream().filter(k -> k.setting().evaluated()).map(Key::evaluated).toList();
    m.put(Group.EVALUATION, join(Values.keys(EvaluationSettings.class), measured));
    m.put(Group.RUN, join(Values.keys(RunSettings.class), List.of(named("classpath"))));
    return m;
  }

  @SafeVarargs
  private static List<Key> join(Collection<Key>... parts) {
    List<Key> all = new ArrayList<>();
    for (Collection<Key> p : parts) {
      all.addAll(p);
    }
    return List.copyOf(all);
  }

  /**
   * The keys of all learners and models there are, and of a user's own, each name once.
   *
   * @param learners a user's own
   * @param models a user's own
   */
  public static Map<Group, List<Key>> all(
      List<LearnerKind<?>> learners, List<ModelKind<?>> models) {
    Map<String, Key> ofLearners = new LinkedHashMap<>();
    Map<String, Key> ofModels = new LinkedHashMap<>();
    for (LearnerKind<?> l : concat(Learners.ALL, learners)) {
      l.keys().forEach(k -> ofLearners.merge(k.name(), k, RunKeys::both));
    }
    for (ModelKind<?> l : concat(Models.ALL, models)) {
      l.keys().forEach(k -> ofModels.putIfAbsent(k.name(), k));
    }
    ofLearners.replaceAll((n, k) -> ofModels.containsKey(n) ? k.or(ofModels.get(n)) : k);
    ofModels.keySet().removeAll(ofLearners.keySet());
    return grouped(ofLearners.values(), ofModels.values());
  }

  /**
   * An option of several learners says once what it means to each. Where measuring has a value of
   * its own for one of them, it has one in the list of all.
   */
  private static Key both(Key a, Key b) {
    if (b.setting().evaluated() && !a.setting().evaluated()) {
      return both(b, a);
    }
    return a.meaning().contains(b.meaning()) ? a : a.or(b);
  }

  private static <T> List<T> concat(List<? extends T> a, List<? extends T> b) {
    List<T> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }

  /** Made when they are first asked for: the options of all learners are read for it. */
  private static final class OfAll {
    static final List<String> NAMES =
        all(List.of(), List.of()).values().stream().flatMap(List::stream).map(Key::name).toList();
  }

  /** The names of {@link #all} without a user's own. */
  public static List<String> names() {
    return OfAll.NAMES;
  }

  /** The keys of a learner that measuring has values of its own for: "eval-inner-steps". */
  public static List<Key> evaluated(LearnerKind<?> learner) {
    return learner.keys().stream()
        .filter(k -> k.setting().evaluated())
        .map(Key::evaluated)
        .toList();
  }

  /**
   * Makes a configuration.
   *
   * @param given a value for every key; those that came later than the configuration may be absent
   * @throws ConfigException for the first value that is not of its key's type, or does not fit, and
   *     for a key that the learner does not have
   */
  public static RunConfig parse(Map<String, String> given) {
    Map<String, String> texts = new LinkedHashMap<>(given);
    if (given.containsKey("rotations")) { // once all tasks had the same
      texts.putIfAbsent("eval-rotations", given.get("rotations"));
    }
    String classpath = texts.getOrDefault("classpath", "");
    NamedChoices choices = NamedChoices.on(classpath);
    LearnerKind<?> learner = choices.learner(needed(texts, named("learner")));
    String modelName = needed(texts, named("model"));
    Optional<ModelKind<?>> model =
        modelName.equals(NO_MODEL) ? Optional.empty() : Optional.of(choices.model(modelName));
    DataSource data =
        in(
            choices.data(needed(texts, named("data"))),
            texts.getOrDefault("data-dir", ""),
            texts.getOrDefault(COLUMNS, ""));
    RunChecks.backbone(learner, model);
    refuseForeign(texts, learner, model);
    Optional<Record> modelOptions =
        model.map(m -> Values.record(m.options(), k -> needed(texts, k)));
    return new RunConfig(
        learner,
        Values.record(learner.options(), k -> needed(texts, k)),
        Values.record(
            learner.options(), k -> needed(texts, k.setting().evaluated() ? k.evaluated() : k)),
        model,
        modelOptions,
        data,
        classpath,
        Values.record(TaskSettings.class, k -> needed(texts, k)),
        Values.record(AugmentationSettings.class, k -> needed(texts, k)),
        Values.record(ModelSettings.class, k -> needed(texts, k)),
        Values.record(OptimiserSettings.class, k -> needed(texts, k)),
        Values.record(EvaluationSettings.class, k -> needed(texts, k)),
        Values.record(RunSettings.class, k -> needed(texts, k)));
  }

  /**
   * Data as it is where it lies.
   *
   * @param dir its file or folder; empty for none
   * @param columns what was found there; empty to look
   * @throws ConfigException if there is none
   */
  static DataSource in(DataSource data, String dir, String columns) {
    try {
      return data.in(dir.isEmpty() ? Optional.empty() : Optional.of(Path.of(dir)), columns);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  private static String needed(Map<String, String> texts, Key k) {
    String text = texts.get(k.name());
    if (text != null) {
      return text;
    }
    if (k.setting().before().equals(Setting.NEVER_MISSING)) {
      throw new ConfigException("Value '%s' is missing: expected one; add it.".formatted(k.name()));
    }
    return k.setting().before();
  }

  /** Refuses options that neither the learner nor the model has, saying which have them. */
  static void refuseForeign(
      Map<String, String> texts, LearnerKind<?> learner, Optional<ModelKind<?>> model) {
    List<String> own =
        of(learner, model).values().stream().flatMap(List::stream).map(Key::name).toList();
    for (String key : texts.keySet()) {
      if (own.contains(key)) {
        continue;
      }
      String learners = those(Learners.ALL, key);
      String models =
          Models.ALL.stream()
              .filter(m -> m.keys().stream().anyMatch(k -> k.name().equals(key)))
              .map(ModelKind::name)
              .collect(Collectors.collectingAndThen(Collectors.toList(), Text::oneOf));
      boolean ofModels = !models.isEmpty() && learner.backbone() != LearnerKind.Backbones.NONE;
      if (!learners.isEmpty() && !ofModels) {
        throw new ConfigException(
            "Option --%s with learner '%s', which does not have it: expected one of its own options%s; leave it out, or use learner %s."
                .formatted(key, learner, listed(learner.keys()), learners));
      }
      if (!models.isEmpty()) {
        throw new ConfigException(
            "Option --%s with %s, which does not have it: expected one of its own options%s; leave it out%s."
                .formatted(
                    key,
                    model
                        .map(m -> "model '" + m + "'")
                        .orElseGet(() -> "learner '" + learner + "'"),
                    listed(model.map(ModelKind::keys).orElse(learner.keys())),
                    ofModels ? ", or use model " + models : ""));
      }
      List<String> known = new ArrayList<>(own);
      names().stream().filter(n -> !own.contains(n)).forEach(known::add);
      throw new ConfigException(Names.unknown("option", key, known));
    }
  }

  private static String those(List<LearnerKind<?>> learners, String key) {
    return learners.stream()
        .filter(
            l ->
                l.keys().stream().anyMatch(k -> k.name().equals(key))
                    || evaluated(l).stream().anyMatch(k -> k.name().equals(key)))
        .map(LearnerKind::name)
        .collect(Collectors.collectingAndThen(Collectors.toList(), Text::oneOf));
  }

  private static String listed(List<Key> keys) {
    return keys.isEmpty()
        ? " (it has none)"
        : keys.stream().map(k -> "--" + k.name()).collect(Collectors.joining(", ", " (", ")"));
  }

  /** A configuration's values as texts, by key. */
  public static Map<String, String> texts(RunConfig config) {
    return values(config).entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                e -> Values.format(e.getValue()),
                (a, b) -> b,
                LinkedHashMap::new));
  }

  /** A configuration's values by key. */
  public static Map<String, Object> values(RunConfig c) {
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("data", text(c.data()));
    found.put("learner", c.learner().name());
    found.put("model", c.model().map(ModelKind::name).orElse(NO_MODEL));
    found.put("classpath", c.classpath());
    List<Record> groups =
        new ArrayList<>(List.of(c.options(), c.tasks(), c.augmentation(), c.network()));
    c.modelOptions().ifPresent(groups::add);
    groups.addAll(List.of(c.optimiser(), c.evaluation(), c.run()));
    groups.forEach(g -> found.putAll(Values.values(g)));
    Values.values(c.measured()).forEach((k, v) -> found.put("eval-" + k, v));
    Map<String, Object> m = new LinkedHashMap<>();
    of(c.learner(), c.model()).values().stream()
        .flatMap(List::stream)
        .forEach(k -> m.put(k.name(), found.get(k.name())));
    return m;
  }

  /** How data is named: by a short name, or by its class. */
  static String text(DataSource data) {
    return DataSources.names().contains(data.name()) ? data.name() : data.getClass().getName();
  }
}
