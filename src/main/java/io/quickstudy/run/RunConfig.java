package io.quickstudy.run;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.Rotations;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.Labelling;
import io.quickstudy.task.TaskKind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that makes a run what it is, in groups. On the command line and in {@code config.yaml}
 * all of it is one flat list of keys: those of the groups, of the learner's options and of the
 * model's; {@link RunKeys} does the naming, {@link Recipes} knows the defaults. Immutable.
 *
 * @param learner the learner
 * @param options its options, a record of {@code learner.options()}
 * @param measured its options when it is measured: the same record, with other values where an
 *     option is {@link io.quickstudy.settings.Setting#evaluated}
 * @param model the model; none for a learner without a backbone
 * @param modelOptions its options; none likewise
 * @param data the data
 * @param classpath jars and folders of a user's own classes, as a path; empty for none
 * @param tasks what is learned from
 * @param augmentation how training images are changed
 * @param network what concerns any model
 * @param optimiser how the parameters move
 * @param evaluation what is measured
 * @param run how long, where and how
 */
public record RunConfig(
    LearnerKind<?> learner,
    Record options,
    Record measured,
    Optional<ModelKind<?>> model,
    Optional<Record> modelOptions,
    DataSource data,
    String classpath,
    TaskSettings tasks,
    AugmentationSettings augmentation,
    ModelSettings network,
    OptimiserSettings optimiser,
    EvaluationSettings evaluation,
    RunSettings run) {
  private static final int TURNS = 4;

  /**
   * Checks that all fits together.
   *
   * @throws ConfigException for the first value that does not
   */
  public RunConfig {
    RunChecks.check(learner, model, data, tasks, augmentation, network, evaluation);
  }

  /**
   * A whole configuration, with the defaults for what is not said.
   *
   * @param values texts by key, as on the command line: {@code Map.of("ways", "5")}
   * @throws ConfigException if a value is wrong
   */
  public static RunConfig of(Map<String, String> values) {
    return Recipes.complete(values);
  }

  /**
   * As {@link #of(Map)}, with a learner that is at hand.
   *
   * @throws ConfigException also if the learner's name does not lead back to it, by which a run
   *     finds it again
   */
  public static RunConfig of(LearnerKind<?> learner, Map<String, String> values) {
    Map<String, String> all = new LinkedHashMap<>(values);
    all.put("learner", learner.name());
    RunConfig c = Recipes.complete(all);
    if (c.learner() != learner) {
      throw new ConfigException(
          "Learner '%s' is not the one of that name: expected a short name of ours, or the KIND of its class; use that."
              .formatted(learner));
    }
    return c;
  }

  /** The same with other values; what follows from them is not worked out again. */
  public RunConfig with(Map<String, String> values) {
    Map<String, String> texts = RunKeys.texts(this);
    texts.putAll(Recipes.normalise(values));
    return RunKeys.parse(texts);
  }

  /** What the learner is trained on here. */
  public TaskKind taskKind() {
    return RunChecks.taskKind(learner, data)
        .orElseThrow(() -> new IllegalStateException("a learner without tasks passed the checks"));
  }

  /**
   * Whether there are examples to adapt to, with labels that a caller can give: no signals, and no
   * strings, of which each sequence of training has its own.
   */
  public boolean adapts() {
    return taskKind() != TaskKind.SIGNALS && tasks.labels() == Labelling.ONE_HOT;
  }

  /** Whether examples belong to classes. */
  public boolean classifies() {
    return data.kind() == DataSource.Kind.CLASSES;
  }

  /** Whether these are images, which can be read from files and looked at; else vectors. */
  public boolean pictures() {
    return data.pictures();
  }

  /**
   * How many classes there are of so many characters or folders: rotations may be classes too.
   *
   * @param turns those of training, or of measuring
   */
  public static int classes(int drawn, Rotations turns) {
    return turns == Rotations.CLASSES ? TURNS * drawn : drawn;
  }

  /** What the data is called: a user's own by its folder's or file's name. */
  public String dataTitle() {
    return data.title(RunChecks.request(tasks, run.seed()).dir());
  }

  /** What of the data is asked for. */
  public DataSource.Request request() {
    DataSource.Request r = RunChecks.request(tasks, run.seed());
    return taskKind() == TaskKind.ATTRIBUTES ? r.withAttributes() : r;
  }
}
