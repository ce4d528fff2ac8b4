package io.quickstudy.cli;

import io.quickstudy.check.Subject;
import io.quickstudy.check.TaskShape;
import io.quickstudy.graph.Shape;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Setup;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.Architecture;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.FeatureScale;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.NamedChoices;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Learners as they are checked: tiny, on each kind of task that they are for, with each batch-norm
 * policy that they have, and with each choice that their options give.
 */
final class CheckedLearners {
  private static final int WAYS = 3;
  private static final Shape IMAGE = Shape.of(8, 8, 1);
  private static final int ATTRIBUTES = 6;
  private static final Shape POINT = Shape.of(1);
  private static final int SMALL = 4;
  private static final String RATE = "0.4"; // so large that second derivatives count

  private CheckedLearners() {}

  /** All built-in ones. */
  static List<Subject> all() {
    return Learners.ALL.stream().flatMap(l -> of(l).stream()).toList();
  }

  /**
   * One learner.
   *
   * @param name a short name, or a class on the class path
   * @param classpath where a user's own is; empty for the program's own
   * @throws ConfigException if there is none of that name, or it cannot be built
   */
  static List<Subject> named(String name, String classpath) {
    return of(NamedChoices.on(classpath).learner(name));
  }

  private static List<Subject> of(LearnerKind<?> l) {
    List<Subject> out = new ArrayList<>();
    for (TaskKind kind : l.tasks()) {
      for (boolean model : models(l)) {
        boolean normalised = model && !curves(kind);
        List<Norm.Policy> norms = normalised ? l.norms() : List.of(Norm.Policy.NONE);
        for (TaskShape task : tasks(kind, l.unlabelled())) {
          norms.forEach(norm -> out.add(subject(l, model, kind, task, norm, Map.of())));
          choices(l).forEach(c -> out.add(subject(l, model, kind, task, norms.getFirst(), c)));
        }
      }
    }
    return out;
  }

  /** Whether it has a model: as it is first, then as it may be as well. */
  private static List<Boolean> models(LearnerKind<?> l) {
    return switch (l.backbone()) {
      case ANY -> List.of(true);
      case OPTIONAL -> List.of(false, true);
      case NONE -> List.of(false);
    };
  }

  private static boolean curves(TaskKind kind) {
    return kind == TaskKind.REGRESSION || kind == TaskKind.SIGNALS;
  }

  /** Of options that are one of a few, each that is not the usual one, one at a time. */
  private static List<Map<String, String>> choices(LearnerKind<?> l) {
    return l.keys().stream()
        .flatMap(
            k ->
                k.choices().stream()
                    .filter(c -> !c.equals(k.setting().usual()))
                    .map(c -> Map.of(k.name(), c)))
        .toList();
  }

  private static List<TaskShape> tasks(TaskKind kind, boolean unlabelled) {
    TaskShape.Episode labelled = new TaskShape.Episode(WAYS, 2, 1, IMAGE);
    TaskShape episode = unlabelled ? labelled.withUnlabelled(2) : labelled;
    return switch (kind) {
      case EPISODES -> List.of(episode);
      case ATTRIBUTES -> List.of(TaskShape.described(WAYS, ATTRIBUTES, 2, IMAGE.dims()));
      case SEQUENCES -> List.of(TaskShape.sequence(WAYS, 7, IMAGE.dims()), episode);
      case SIGNALS -> List.of(TaskShape.signal(5, POINT.size(), 1));
      case PAIRS -> List.of(TaskShape.pairs(5, IMAGE.dims()), episode);
      case BATCHES -> List.of(TaskShape.batch(WAYS, 6, IMAGE.dims()), episode);
      case REGRESSION -> List.of(TaskShape.points(4, 5, 1, 1));
    };
  }

  private static Subject subject(
      LearnerKind<?> l,
      boolean modelled,
      TaskKind kind,
      TaskShape task,
      Norm.Policy norm,
      Map<String, String> chosen) {
    boolean curves = curves(kind);
    Optional<Architecture> model =
        modelled ? Optional.of(curves ? layers() : blocks()) : Optional.empty();
    Shape example = curves ? POINT : IMAGE;
    Shape support = kind == TaskKind.ATTRIBUTES ? Shape.of(ATTRIBUTES) : example;
    Setup setup = new Setup(kind, example, support, curves ? 1 : WAYS, WAYS, norm, model);
    try {
      Record options =
          Values.record(l.options(), k -> chosen.getOrDefault(k.name(), checked(l, k)));
      String before =
          modelled && l.backbone() == LearnerKind.Backbones.OPTIONAL ? ", behind a model" : "";
      String with = before + (norm == Norm.Policy.NONE ? "" : ", batch norm " + norm);
      StringBuilder by = new StringBuilder();
      chosen.forEach((name, value) -> by.append(", ").append(name).append(' ').append(value));
      Subject s = Subject.of(l.build(options, setup), task).named(l.name() + by + with);
      return l.gradient(options) == LearnerKind.OuterGradient.EXACT ? s : s.firstOrder();
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  private static Architecture blocks() {
    return ConvNet.KIND.build(
        new ConvNet.Options(
            3, 2, ConvNet.Down.MAX_POOL, 0, ConvNet.Head.FLATTEN, FeatureScale.UNIT));
  }

  private static Architecture layers() {
    return Mlp.KIND.build(new Mlp.Options(List.of(5, SMALL), FeatureScale.UNIT));
  }

  private static String checked(LearnerKind<?> l, Key k) {
    String own = l.checked().get(k.name());
    return own == null ? small(k) : own;
  }

  /** The usual value of an option, or one that keeps the check small. */
  private static String small(Key k) {
    String usual = k.setting().usual();
    if (k.name().endsWith("-rate") && k.type() == double.class) {
      return RATE;
    }
    if (k.name().endsWith("-ways")) {
      return Integer.toString(WAYS);
    }
    if (k.type() == int.class && k.setting().evaluated()) {
      return "2";
    }
    if (k.type() == int.class && usual.matches("[0-9]+")) {
      long least = (long) Math.max(k.setting().least(), SMALL);
      return Long.toString(Math.min(Long.parseLong(usual), least));
    }
    return usual;
  }
}
