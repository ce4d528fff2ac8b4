package io.quickstudy.train;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.PairLearner;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Pairs;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures a {@link PairLearner} on pairs of classes that it is measured on, half of them of one
 * class: as many tasks of {@link #PAIRS} pairs as there are episodes. The same for a configuration
 * and an {@link EvalSpec}.
 */
public final class Verifier implements AutoCloseable {
  /** Pairs of a task. */
  static final int PAIRS = 20;

  /** Tasks computed at once; the same on every machine. */
  private static final int CHUNK = 16;

  private final EvalSpec spec;
  private final TaskSource source;
  private final int chunk;
  private final Compiled compiled;
  private final String repair;

  private Verifier(Session session, EvalSpec spec, Map<String, Array> theta, PairLearner learner) {
    this.spec = spec;
    this.source = session.tasks().pairs(spec.part(), PAIRS);
    this.chunk = Math.min(CHUNK, spec.episodes());
    this.repair = Repair.ofNumbers(session.config());
    this.compiled =
        MetaStep.compileEach(
            session, "right", source, theta, chunk, (p, drawn) -> right(learner, p, drawn));
  }

  /**
   * Compiles it for a learner that is trained on pairs; nothing for another.
   *
   * @throws io.quickstudy.settings.ConfigException if the data has no such pairs
   */
  public static Optional<Verifier> of(Session session, EvalSpec spec, Map<String, Array> theta) {
    RunConfig c = session.config();
    Learner learner = Components.measured(c, spec.ways(), spec.options(), session.classes());
    return c.taskKind() == TaskKind.PAIRS && learner instanceof PairLearner l
        ? Optional.of(new Verifier(session, spec, theta, l))
        : Optional.empty();
  }

  /** 1 for each pair that is judged rightly, else 0; no number where the logits are none. */
  private static Tensor right(PairLearner learner, Params theta, Drawn drawn) {
    Pairs pairs = (Pairs) drawn;
    Tensor logits = learner.outputs(theta, pairs);
    Tensor sum = Ops.sum(logits, List.of(1));
    return Ops.add(Losses.correct(logits, pairs.same()), Ops.sub(sum, sum));
  }

  /**
   * Measures.
   *
   * @param theta parameters, of the shapes it was compiled for
   * @throws RunException if a judgement is no finite number
   */
  public Verification measure(Map<String, Array> theta) {
    compiled.setState(MetaStep.state(theta));
    RunningMean mean = new RunningMean();
    for (int done = 0; done < spec.episodes(); done += chunk) {
      source.fill(spec.first() + done, chunk, compiled);
      compiled.run();
      float[] right = compiled.output("right").data();
      for (int task = 0; task < Math.min(chunk, spec.episodes() - done); task++) {
        double sum = 0;
        for (int k = 0; k < PAIRS; k++) {
          sum += right[task * PAIRS + k];
        }
        mean.add(sum / PAIRS);
      }
    }
    if (!Double.isFinite(mean.mean())) {
      throw new RunException(
          "The judgement of pairs is %s: expected finite numbers; %s."
              .formatted(mean.mean(), repair));
    }
    return new Verification(mean.mean(), mean.ci95(), Math.multiplyExact(PAIRS, spec.episodes()));
  }

  @Override
  public void close() {
    compiled.close();
  }
}
