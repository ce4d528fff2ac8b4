package io.quickstudy.report;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.VectorSet;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.train.Attention;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.Evaluator;
import io.quickstudy.train.InnerSteps;
import io.quickstudy.train.Predictions;
import io.quickstudy.train.Predictions.Predicted;
import io.quickstudy.train.Session;
import io.quickstudy.train.TaskFeatures;
import io.quickstudy.train.TrainListener;
import io.quickstudy.train.Verification;
import io.quickstudy.train.Verifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What a checkpoint does on test tasks; measured for the page. */
sealed interface TestOutcome {

  /**
   * Tasks of images or vectors.
   *
   * @param findings what came of them
   * @param pictures how examples look
   * @param attributes what the classes are like, where tasks describe them in place of showing them
   * @param verification how pairs are judged; of learners of pairs alone
   * @param space where the images of a task lie; nothing for a learner without features
   * @param bySteps accuracy and loss by inner step, over the first tasks; nothing for a learner
   *     that does not adapt in steps
   * @param attention where each head attends on the first task; none for a learner without a memory
   * @param byShots what it comes to with other shots, of the same classes; empty where the data or
   *     the learner has no such tasks
   */
  record OfImages(
      EvalSpec spec,
      PredictionCounts findings,
      Looks pictures,
      Optional<Attributes> attributes,
      Optional<Verification> verification,
      Optional<TaskFeatures> space,
      Optional<Evaluation> bySteps,
      List<Attention> attention,
      List<OfShots> byShots)
      implements TestOutcome {}

  /**
   * Curves such as sine waves.
   *
   * @param evaluation over all tasks
   * @param waves the first tasks, with their fitted curves; none where they fit no chart
   */
  record OfCurves(EvalSpec spec, Evaluation evaluation, List<Predicted.OfWave> waves)
      implements TestOutcome {}

  /**
   * Signals of bits.
   *
   * @param evaluation over all tasks
   * @param signals the first tasks, with their answers
   * @param attention where each head attends on each of these; empty for a learner without a memory
   */
  record OfSignals(
      EvalSpec spec,
      Evaluation evaluation,
      List<Predicted.OfSignal> signals,
      List<List<Attention>> attention)
      implements TestOutcome {}

  /**
   * No finite numbers.
   *
   * @param sentence what was found
   */
  record Failed(EvalSpec spec, String sentence) implements TestOutcome {}

  /** Waves whose curves are shown. */
  int WAVES = 6;

  /** Signals that are shown. */
  int SIGNALS = 3;

  /** Images of the task that is shown in the space of features, about. */
  int SPACE_IMAGES = 100;

  /** Most of its classes, where the learner takes any number. */
  int SPACE_WAYS = 10;

  /** Most tasks that are measured by inner step, which predicts their queries for each step. */
  int BY_STEP = 100;

  /** Points of such a curve. */
  int POINTS = 121;

  /** What was measured on. */
  EvalSpec spec();

  /**
   * Measures.
   *
   * @param temperature of the run's probabilities, if it has one
   */
  static TestOutcome measure(
      Session session, Checkpoint checkpoint, OptionalDouble temperature, TrainListener listener) {
    EvalSpec spec = EvalSpec.test(session.config());
    try {
      return switch (session.config().data().kind()) {
        case CLASSES -> images(session, spec, checkpoint, temperature, listener);
        case CURVES -> waves(session, spec, checkpoint, listener);
        case SIGNALS -> signals(session, spec, checkpoint, listener);
      };
    } catch (RunException e) {
      // the curves of a run that diverged are what one wants to see
      listener.message(e.getMessage());
      return new Failed(spec, e.getMessage());
    }
  }

  private static TestOutcome images(
      Session session,
      EvalSpec spec,
      Checkpoint checkpoint,
      OptionalDouble temperature,
      TrainListener listener) {
    RunConfig c = session.config();
    try (Predictions p = new Predictions(session, spec, checkpoint.theta())) {
      ExampleSet set = p.set().orElseThrow();
      PixelMoves moves = p.moves().orElseThrow();
      PredictionCounts f = counts(c, set, moves, temperature);
      p.forEach(checkpoint.theta(), listener, f::add);
      Optional<Verifier> verifier = Verifier.of(session, spec, checkpoint.theta());
      Optional<Verification> pairs = verifier.map(v -> v.measure(checkpoint.theta()));
      verifier.ifPresent(Verifier::close);
      Looks pictures =
          switch (set) {
            case ImageSet i -> new Pictures(i, moves, Pictures.Ink.of(c));
            case VectorSet v -> new Profiles(v);
          };
      return new OfImages(
          spec,
          f,
          pictures,
          p.attributes(),
          pairs,
          space(session, spec, checkpoint),
          bySteps(session, spec, checkpoint),
          Attention.of(session, spec, checkpoint.theta(), 1).stream().findFirst().orElse(List.of()),
          OfShots.of(session, spec, checkpoint, f, listener));
    }
  }

  /** Room for what predictions come to. */
  static PredictionCounts counts(
      RunConfig c, ExampleSet set, PixelMoves moves, OptionalDouble temperature) {
    Rotations turns = c.evaluation().evalRotations();
    return new PredictionCounts(
        new Classes(set, moves, turns, c.tasks().classes()), c.tasks().labels(), temperature);
  }

  private static Optional<Evaluation> bySteps(
      Session session, EvalSpec spec, Checkpoint checkpoint) {
    EvalSpec few = spec.first(BY_STEP);
    if (InnerSteps.of(session, few) == 0) {
      return Optional.empty();
    }
    try (Evaluator e = new Evaluator(session, few, checkpoint.theta(), Evaluator.Detail.BY_STEP)) {
      return Optional.of(e.measure(checkpoint.theta(), TrainListener.NONE));
    }
  }

  /**
   * Images of a few classes, with as many queries as make a cloud; with those that are measured
   * where the classes have no more images.
   */
  private static Optional<TaskFeatures> space(
      Session session, EvalSpec spec, Checkpoint checkpoint) {
    boolean any = session.config().learner().ways() == LearnerKind.Ways.ANY;
    int ways = any ? Math.min(spec.ways(), SPACE_WAYS) : spec.ways();
    int many = Math.max(1, SPACE_IMAGES / ways - spec.shots());
    return space(session, spec, checkpoint, ways, many)
        .or(() -> space(session, spec, checkpoint, ways, spec.queries()));
  }

  /** Nothing where there are no such tasks, as where classes have too few images. */
  private static Optional<TaskFeatures> space(
      Session session, EvalSpec spec, Checkpoint checkpoint, int ways, int queries) {
    EvalSpec of =
        new EvalSpec(spec.part(), ways, spec.shots(), queries, spec.options(), spec.episodes());
    try {
      return TaskFeatures.of(session, of, checkpoint.theta());
    } catch (ConfigException e) {
      return Optional.empty();
    }
  }

  private static TestOutcome signals(
      Session session, EvalSpec spec, Checkpoint checkpoint, TrainListener listener) {
    int shown = Math.min(SIGNALS, spec.episodes());
    List<Predicted.OfSignal> signals = new ArrayList<>();
    try (Predictions p = new Predictions(session, spec.first(shown), checkpoint.theta())) {
      p.forEach(checkpoint.theta(), TrainListener.NONE, s -> signals.add((Predicted.OfSignal) s));
    }
    return new OfSignals(
        spec,
        measured(session, spec, checkpoint, listener),
        List.copyOf(signals),
        Attention.of(session, spec, checkpoint.theta(), shown));
  }

  private static Evaluation measured(
      Session session, EvalSpec spec, Checkpoint checkpoint, TrainListener listener) {
    try (Evaluator evaluator = new Evaluator(session, spec, checkpoint.theta())) {
      return evaluator.measure(checkpoint.theta(), listener);
    }
  }

  private static TestOutcome waves(
      Session session, EvalSpec spec, Checkpoint checkpoint, TrainListener listener) {
    Evaluation e = measured(session, spec, checkpoint, listener);
    int tasks = Math.min(WAVES, spec.episodes());
    EvalSpec curves =
        new EvalSpec(spec.part(), spec.ways(), spec.shots(), POINTS, spec.options(), tasks);
    List<Predicted.OfWave> waves = new ArrayList<>();
    try (Predictions p = new Predictions(session, curves, checkpoint.theta())) {
      CurveTasks c = p.curves().orElseThrow();
      if (c.inputs() == 1 && c.outputs() == 1) {
        p.forEach(checkpoint.theta(), TrainListener.NONE, w -> waves.add((Predicted.OfWave) w));
      }
    }
    return new OfCurves(spec, e, List.copyOf(waves));
  }
}
