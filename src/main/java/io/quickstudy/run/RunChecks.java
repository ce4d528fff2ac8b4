package io.quickstudy.run;

import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Within;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.graph.Shape;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.nn.Models;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.task.Labelling;
import io.quickstudy.task.TaskKind;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** That what a configuration says fits together: learner, model, data and tasks. */
final class RunChecks {
  private RunChecks() {}

  /**
   * Checks it.
   *
   * @throws ConfigException for the first value that does not fit
   */
  static void check(
      LearnerKind<?> learner,
      Optional<ModelKind<?>> model,
      DataSource data,
      TaskSettings tasks,
      AugmentationSettings augmentation,
      ModelSettings network,
      EvaluationSettings evaluation) {
    if (network.weights().isEmpty() && !network.weightsMap().isEmpty()) {
      throw wrong(
          "weights-map",
          network.weightsMap(),
          "none without weights",
          "say --weights FILE as well");
    }
    TaskKind kind = tasks(learner, data);
    shots(kind, learner, tasks, evaluation);
    queries(kind, learner, tasks, evaluation);
    episodes(kind, learner, tasks, evaluation);
    data(kind, learner, data, tasks, evaluation);
    AugmentationChecks.check(kind, learner, data, tasks, augmentation);
    model(learner, model, data, tasks, network);
    normalise(learner, model, data, tasks, network);
    if (network.isFrozen()) {
      freeze(learner, model, data, tasks, augmentation, network, evaluation);
    }
    boolean fixed = learner.ways() == LearnerKind.Ways.FIXED && kind == kind.measured();
    if (fixed && tasks.ways() != evaluation.evalWays()) {
      throw wrong(
          "eval-ways",
          evaluation.evalWays(),
          "the " + tasks.ways() + " ways of training",
          "learner '" + learner + "' has one output for each class");
    }
  }

  /** What a learner is trained on with such data: the first of its kinds that fits. */
  static Optional<TaskKind> taskKind(LearnerKind<?> learner, DataSource data) {
    if (learner.images() && data.kind() == DataSource.Kind.CLASSES && !data.pictures()) {
      return Optional.empty();
    }
    return learner.tasks().stream().filter(k -> fits(k, data)).findFirst();
  }

  /**
   * The same.
   *
   * @throws ConfigException if none fits
   */
  static TaskKind tasks(LearnerKind<?> learner, DataSource data) {
    return taskKind(learner, data).orElseThrow(() -> noTasks(learner, data));
  }

  private static boolean fits(TaskKind kind, DataSource data) {
    return switch (kind) {
      case REGRESSION -> data.kind() == DataSource.Kind.CURVES;
      case SIGNALS -> data.kind() == DataSource.Kind.SIGNALS;
      case ATTRIBUTES -> data.kind() == DataSource.Kind.CLASSES && data.describes();
      case EPISODES, SEQUENCES, PAIRS, BATCHES -> data.kind() == DataSource.Kind.CLASSES;
    };
  }

  private static ConfigException noTasks(LearnerKind<?> learner, DataSource data) {
    String those =
        Learners.ALL.stream()
            .filter(l -> taskKind(l, data).isPresent())
            .map(LearnerKind::name)
            .collect(Collectors.joining(", "));
    if (learner.takes(TaskKind.ATTRIBUTES) && data.kind() == DataSource.Kind.CLASSES) {
      String described =
          DataSources.ALL.stream()
              .filter(DataSource::describes)
              .map(DataSource::name)
              .collect(Collectors.joining(", "));
      return new ConfigException(
          "Learner '%s' with data '%s': expected data whose classes are described by attributes; use one of %s, or another learner."
              .formatted(learner, data.name(), described));
    }
    return new ConfigException(
        "Learner '%s' with data '%s': expected a learner that %s; use one of %s."
            .formatted(
                learner,
                data.name(),
                switch (data.kind()) {
                  case CLASSES -> data.pictures() ? "classifies" : "classifies rows of numbers";
                  case CURVES -> "regresses";
                  case SIGNALS -> "answers signals";
                },
                those));
  }

  private static void shots(
      TaskKind kind, LearnerKind<?> learner, TaskSettings tasks, EvaluationSettings evaluation) {
    if (kind == TaskKind.ATTRIBUTES) {
      if (tasks.shots() != 0 || evaluation.evalShots() != 0) {
        throw wrong(
            tasks.shots() != 0 ? "shots" : "eval-shots",
            Math.max(tasks.shots(), evaluation.evalShots()),
            "0 for learner '" + learner + "'",
            "its classes are described by attributes in place of examples");
      }
      return;
    }
    if (tasks.shots() < 1 || evaluation.evalShots() < 1) {
      throw wrong(
          tasks.shots() < 1 ? "shots" : "eval-shots", 0, "a number of at least 1", "change it");
    }
  }

  private static void queries(
      TaskKind kind, LearnerKind<?> learner, TaskSettings tasks, EvaluationSettings evaluation) {
    if (kind == TaskKind.SEQUENCES || kind == TaskKind.SIGNALS) {
      if (tasks.queries() != 0 || evaluation.evalQueries() != 0) {
        throw wrong(
            "queries",
            Math.max(tasks.queries(), evaluation.evalQueries()),
            "0 for learner '" + learner + "'",
            kind == TaskKind.SIGNALS
                ? "--shots says how many items a signal has"
                : "every image of its sequences is predicted; --shots says how often a class"
                    + " appears");
      }
      return;
    }
    if (tasks.queries() < 1 || evaluation.evalQueries() < 1) {
      throw wrong(
          tasks.queries() < 1 ? "queries" : "eval-queries",
          0,
          "a number of at least 1",
          "change it");
    }
  }

  /** What only episodes have: unlabelled images, and classes by group. */
  private static void episodes(
      TaskKind kind, LearnerKind<?> learner, TaskSettings tasks, EvaluationSettings evaluation) {
    int unlabelled = Math.max(tasks.unlabelled(), evaluation.evalUnlabelled());
    String key = tasks.unlabelled() > 0 ? "unlabelled" : "eval-unlabelled";
    if (unlabelled > 0 && (!learner.unlabelled() || kind.measured() != TaskKind.EPISODES)) {
      throw wrong(
          key,
          unlabelled,
          "0 for learner '" + learner + "'",
          "unlabelled images are for learner " + unlabelledLearners());
    }
    if (tasks.distractors() > 0 && unlabelled == 0) {
      throw wrong(
          "distractors",
          tasks.distractors(),
          "0 without unlabelled images",
          "say how many of a class with --unlabelled N");
    }
    if (kind.measured() == TaskKind.EPISODES) {
      if (tasks.within() == Within.GROUP && tasks.classes() == ClassUnit.GROUPS) {
        throw wrong("within", "group", "all where a class is a group", "leave out --classes");
      }
      return;
    }
    String why = "only episodes are drawn by group";
    if (tasks.within() != Within.ALL) {
      throw wrong("within", "group", "all for learner '" + learner + "'", why);
    }
    if (tasks.classes() != ClassUnit.EACH) {
      throw wrong("classes", "groups", "each for learner '" + learner + "'", why);
    }
  }

  private static String unlabelledLearners() {
    return Learners.ALL.stream()
        .filter(LearnerKind::unlabelled)
        .map(LearnerKind::name)
        .collect(Collectors.joining(" or "));
  }

  private static void data(
      TaskKind kind,
      LearnerKind<?> learner,
      DataSource data,
      TaskSettings tasks,
      EvaluationSettings evaluation) {
    if (tasks.maxShift() > 0 && kind != TaskKind.SEQUENCES) {
      throw wrong(
          "max-shift",
          tasks.maxShift(),
          "0 for learner '" + learner + "'",
          "only sequences are shifted");
    }
    if (tasks.labels() != Labelling.ONE_HOT && kind != TaskKind.SEQUENCES) {
      throw wrong(
          "labels",
          Values.format(tasks.labels()),
          "one-hot for learner '" + learner + "'",
          "only sequences are labelled by strings");
    }
    if (tasks.trainTasks() > 0 && kind != TaskKind.REGRESSION) {
      throw wrong(
          "train-tasks",
          tasks.trainTasks(),
          "0 for '" + data.name() + "'",
          "only curves are limited; of classes, the split says which there are");
    }
    if (!tasks.columns().isEmpty() && data.columns().isEmpty()) {
      throw wrong(
          RunKeys.COLUMNS, tasks.columns(), "none for '" + data.name() + "'", "leave it out");
    }
    boolean turns = tasks.rotations() != Rotations.NONE;
    String rotations = turns ? "rotations" : "eval-rotations";
    Rotations turned = turns ? tasks.rotations() : evaluation.evalRotations();
    if (kind == TaskKind.ATTRIBUTES && turned != Rotations.NONE) {
      throw wrong(
          rotations,
          Values.format(turned),
          "none for learner '" + learner + "'",
          "a class that is turned is not what its attributes say");
    }
    if (!data.pictures() && turned != Rotations.NONE) {
      throw wrong(
          rotations, Values.format(turned), "none for '" + data.name() + "'", "leave it out");
    }
    if (!data.pictures() && tasks.maxShift() > 0) {
      throw wrong(
          "max-shift",
          tasks.maxShift(),
          "0 for '" + data.name() + "'",
          "only images are shifted; leave it out");
    }
    if (data.kind() != DataSource.Kind.CLASSES) {
      if (tasks.ways() != 1 || evaluation.evalWays() != 1) {
        throw wrong(
            "ways",
            Math.max(tasks.ways(), evaluation.evalWays()),
            "1 for '" + data.name() + "'",
            kind == TaskKind.SIGNALS ? "shots says how many items" : "shots says how many points");
      }
    }
    try {
      data.check(request(tasks, 0));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  /** What of the data is asked for. */
  static DataSource.Request request(TaskSettings t, long seed) {
    try {
      Optional<Path> dir =
          t.dataDir().isEmpty() ? Optional.empty() : Optional.of(Path.of(t.dataDir()));
      return new DataSource.Request(
          dir, t.split(), t.size(), t.channels(), t.ink(), t.framing(), seed);
    } catch (InvalidPathException e) {
      throw new ConfigException(
          "Folder '%s' is none (%s): expected the data's; check the path."
              .formatted(t.dataDir(), e.getReason()),
          e);
    }
  }

  private static void model(
      LearnerKind<?> learner,
      Optional<ModelKind<?>> model,
      DataSource data,
      TaskSettings tasks,
      ModelSettings network) {
    backbone(learner, model);
    Norm.Policy norm = network.batchNorm();
    boolean normalised = model.map(ModelKind::hasBatchNorm).orElse(false) && !network.isFrozen();
    if (model.isPresent() && !model.get().takes(data.example(request(tasks, 0)))) {
      throw wrong(
          "model", model.get(), "mlp for '" + data.name() + "'", "leave it out for the default");
    }
    if (!normalised && norm != Norm.Policy.NONE) {
      String who = model.map(m -> "model '" + m + "'").orElseGet(() -> "learner '" + learner + "'");
      String why =
          network.isFrozen() ? "a frozen one has its own statistics" : "it has no batch norm";
      throw wrong("batch-norm", norm, "none for " + who, why);
    }
    if (normalised && !learner.norms().contains(norm)) {
      List<String> those = learner.norms().stream().map(Values::format).toList();
      throw wrong(
          "batch-norm",
          norm,
          String.join(" or ", those),
          norm == Norm.Policy.NONE
              ? "the " + model.get() + " model has batch norm"
              : "learner '" + learner + "' has no other");
    }
  }

  private static void normalise(
      LearnerKind<?> learner,
      Optional<ModelKind<?>> model,
      DataSource data,
      TaskSettings tasks,
      ModelSettings network) {
    boolean classes = data.kind() == DataSource.Kind.CLASSES;
    if (network.normalise() != Normalise.NONE && (model.isEmpty() || !classes)) {
      throw wrong(
          "normalise",
          Values.format(network.normalise()),
          classes
              ? "none for learner '" + learner + "', which has no model"
              : "none for '" + data.name() + "', which has no images",
          "leave it out");
    }
    if (network.normalise() == Normalise.IMAGENET && !data.pictures()) {
      throw wrong(
          "normalise", "imagenet", "none or data for '" + data.name() + "'", "it has no images");
    }
    Shape example = data.example(request(tasks, 0));
    network.check(classes ? example.dim(example.rank() - 1) : 0);
  }

  /** Features are computed once, of images as they are and by weights that are there. */
  private static void freeze(
      LearnerKind<?> learner,
      Optional<ModelKind<?>> model,
      DataSource data,
      TaskSettings tasks,
      AugmentationSettings augmentation,
      ModelSettings network,
      EvaluationSettings evaluation) {
    String value = Values.format(network.freeze());
    if (model.isEmpty() || !data.pictures() || !learner.freezes()) {
      String why = model.isEmpty() ? "has no model" : "needs all of its model to be its own";
      String who =
          data.pictures()
              ? "learner '%s', which %s".formatted(learner, why)
              : "'" + data.name() + "', which has no images";
      throw wrong("freeze", value, "none for " + who, "leave it out");
    }
    if (network.weights().isEmpty()) {
      throw wrong(
          "freeze",
          value,
          "weights of a model that was trained",
          "say --weights FILE, such as a checkpoint of a run, as well");
    }
    if (tasks.rotations() != Rotations.NONE
        || evaluation.evalRotations() != Rotations.NONE
        || tasks.maxShift() > 0
        || !augmentation.changes().isNone()) {
      throw wrong(
          "freeze",
          value,
          "images as they are, since features of each are computed once",
          "leave out --freeze, or --rotations, --max-shift, --augment and what changes images");
    }
  }

  /**
   * Checks that there is a model where the learner takes one.
   *
   * @throws ConfigException if there is not, or one where it takes none
   */
  static void backbone(LearnerKind<?> learner, Optional<ModelKind<?>> model) {
    LearnerKind.Backbones taken = learner.backbone();
    boolean missing = taken == LearnerKind.Backbones.ANY && model.isEmpty();
    boolean foreign = taken == LearnerKind.Backbones.NONE && model.isPresent();
    if (missing || foreign) {
      throw wrong(
          "model",
          model.map(ModelKind::name).orElse(RunKeys.NO_MODEL),
          missing
              ? "one of "
                  + Models.ALL.stream().map(ModelKind::name).collect(Collectors.joining(", "))
              : "none for learner '" + learner + "', which is a network of its own",
          "leave it out for the default");
    }
  }

  static ConfigException wrong(String key, Object value, String expected, String repair) {
    return new ConfigException(
        "Option --%s is %s: expected %s; %s.".formatted(key, value, expected, repair));
  }
}
