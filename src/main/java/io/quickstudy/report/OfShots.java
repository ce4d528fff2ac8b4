package io.quickstudy.report;

import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.TaskKind;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Predictions;
import io.quickstudy.train.Session;
import io.quickstudy.train.TrainListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * What a checkpoint does with so many shots.
 *
 * @param shots labelled examples of each class
 * @param findings what came of it
 */
record OfShots(int shots, PredictionCounts findings) {
  /** The usual ones. */
  private static final List<Integer> USUAL = List.of(1, 5);

  /** Tasks that are measured with others than the page's own. */
  static final int MOST_TASKS = 200;

  /**
   * The page's own shots beside the usual ones. Tasks with other shots are of the same classes, in
   * the same order; their images are others.
   *
   * @param own with the page's shots
   * @return in the order of the shots; empty where there are no others
   */
  static List<OfShots> of(
      Session session,
      EvalSpec spec,
      Checkpoint checkpoint,
      PredictionCounts own,
      TrainListener listener) {
    RunConfig c = session.config();
    if (c.taskKind().measured() != TaskKind.EPISODES
        || c.tasks().classes() != ClassUnit.EACH
        || spec.unlabelled() > 0) {
      return List.of();
    }
    TreeSet<Integer> all = new TreeSet<>(USUAL);
    all.add(spec.shots());
    int most = all.last();
    int least = least(session, spec);
    List<OfShots> found = new ArrayList<>();
    for (int shots : all) {
      if (shots == spec.shots()) {
        found.add(new OfShots(shots, own));
      } else if (least >= most + spec.queries()) { // or else classes would be left out
        EvalSpec other =
            new EvalSpec(
                spec.part(), spec.ways(), shots, spec.queries(), spec.options(), spec.episodes());
        measured(session, other.first(MOST_TASKS), checkpoint, listener).ifPresent(found::add);
      }
    }
    return found.size() > 1 ? List.copyOf(found) : List.of();
  }

  /** The fewest examples that a class has. */
  private static int least(Session session, EvalSpec spec) {
    ExampleSet set = session.set().orElseThrow();
    return Arrays.stream(session.classes(spec.part()))
        .map(k -> set.classes().get(k).count())
        .min()
        .orElse(0);
  }

  private static java.util.Optional<OfShots> measured(
      Session session, EvalSpec spec, Checkpoint checkpoint, TrainListener listener) {
    try (Predictions p = new Predictions(session, spec, checkpoint.theta())) {
      PredictionCounts f =
          TestOutcome.counts(
              session.config(),
              p.set().orElseThrow(),
              p.moves().orElseThrow(),
              OptionalDouble.empty());
      p.forEach(checkpoint.theta(), listener, f::add);
      return java.util.Optional.of(new OfShots(spec.shots(), f));
    } catch (ConfigException | RunException e) {
      return java.util.Optional.empty(); // a learner that is made for its own shots
    }
  }
}
