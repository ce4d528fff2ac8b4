package io.quickstudy.train;

import io.quickstudy.data.sampling.DrawnSequence;
import io.quickstudy.learner.Learner;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunException;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.Map;

/**
 * The answers of a classifier to the queries of tasks, and what is right; of sequences those to the
 * last image of each class.
 *
 * @param ways the classes of a task
 * @param values for each query the label, and behind it the logits of the classes: [n, 1 + ways]
 */
record Answers(int ways, float[] values) {
  /** Tasks computed at once; the same on every machine. */
  private static final int CHUNK = 16;

  /** How many there are. */
  int count() {
    return values.length / (1 + ways);
  }

  /**
   * Computes them.
   *
   * @param session the data and the device, of a run that classifies
   * @param spec which tasks
   * @param theta parameters
   * @param listener told how far it is
   * @throws io.quickstudy.settings.ConfigException if the data does not have such tasks
   * @throws RunException if an answer is no finite number
   */
  static Answers of(
      Session session, EvalSpec spec, Map<String, Array> theta, TrainListener listener) {
    TaskSource source = session.tasks().measured(spec);
    Learner learner =
        Components.measured(session.config(), spec.ways(), spec.options(), session.classes());
    int chunk = Math.min(CHUNK, spec.episodes());
    float[] all = new float[0];
    int length = 0;
    try (Compiled compiled =
        MetaStep.compileNamed(
            session,
            Scores.ANSWERS,
            source,
            theta,
            chunk,
            (p, drawn) ->
                Params.of(
                    Scores.ANSWERS,
                    Scores.answers(Predictions.logits(learner, p, drawn), drawn.targets())))) {
      for (int done = 0; done < spec.episodes(); done += chunk) {
        source.fill(spec.first() + done, chunk, compiled);
        compiled.run();
        Array a = compiled.output(Scores.ANSWERS);
        int n = a.shape().dim(1);
        int width = a.shape().dim(2);
        int tasks = Math.min(chunk, spec.episodes() - done);
        for (int task = 0; task < tasks; task++) {
          boolean[] counts = counted(source, task, spec);
          for (int i = 0; i < n; i++) {
            if (counts.length > 0 && !counts[i]) {
              continue;
            }
            if (length + width > all.length) {
              all = Arrays.copyOf(all, Math.max(2 * all.length, spec.episodes() * n * width / 4));
            }
            System.arraycopy(a.data(), (task * n + i) * width, all, length, width);
            length += width;
          }
        }
        listener.measured(done + tasks, spec.episodes());
      }
    }
    return new Answers(spec.ways(), finite(Arrays.copyOf(all, length), session));
  }

  private static float[] finite(float[] values, Session session) {
    for (float v : values) {
      if (!Float.isFinite(v)) {
        throw new RunException(
            "An answer on validation classes is %s: expected finite numbers; %s."
                .formatted(v, Repair.ofNumbers(session.config())));
      }
    }
    return values;
  }

  /** Which answers of a task count, of those it was filled with; all where none is said. */
  static boolean[] counted(TaskSource source, int task, EvalSpec spec) {
    if (!(source instanceof SequenceSource s)) {
      return new boolean[0];
    }
    DrawnSequence drawn = s.drawn(task);
    boolean[] last = new boolean[drawn.instance().length];
    for (int i = 0; i < last.length; i++) {
      last[i] = drawn.instance()[i] == spec.shots();
    }
    return last;
  }
}
