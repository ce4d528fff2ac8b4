package io.quickstudy.train;

import static io.quickstudy.graph.Ops.concatenate;
import static io.quickstudy.graph.Ops.fill;
import static io.quickstudy.graph.Ops.reshape;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.SequenceLearner;
import io.quickstudy.learner.SignalLearner;
import io.quickstudy.run.Components;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Sequence;
import io.quickstudy.task.Signal;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Where a learner attends at each step of a task.
 *
 * @param name what a head does: "read" or "write"
 * @param head which of those, from 0
 * @param steps of the task
 * @param rows of the memory
 * @param weights row-major [steps, rows]
 */
public record Attention(String name, int head, int steps, int rows, float[] weights) {
  /**
   * Of the first tasks that are measured.
   *
   * @return for each task its heads; nothing for a learner that has none
   */
  public static List<List<Attention>> of(
      Session session, EvalSpec spec, Map<String, Array> theta, int tasks) {
    TaskSource source = session.tasks().measured(spec);
    if (!(source instanceof SequenceSource || source instanceof SignalSource)) {
      return List.of();
    }
    Learner learner =
        Components.measured(session.config(), spec.ways(), spec.options(), session.classes());
    AtomicReference<Params> shapes = new AtomicReference<>(Params.empty());
    Compiled compiled =
        MetaStep.compileEach(
            session,
            "w",
            source,
            theta,
            tasks,
            (p, drawn) -> {
              Params w = weightings(learner, p, drawn);
              shapes.set(w);
              return flat(w);
            });
    try (compiled) {
      Params w = shapes.get();
      if (w.count() == 0) {
        return List.of();
      }
      compiled.setState(MetaStep.state(theta));
      source.fill(spec.first(), tasks, compiled);
      compiled.run();
      float[] all = compiled.output("w").data();
      int size = all.length / tasks;
      List<List<Attention>> out = new ArrayList<>();
      for (int i = 0; i < tasks; i++) {
        out.add(heads(w, Arrays.copyOfRange(all, i * size, (i + 1) * size)));
      }
      return out;
    }
  }

  private static Params weightings(Learner learner, Params theta, Drawn drawn) {
    return switch (drawn) {
      case Sequence s when learner instanceof SequenceLearner l -> l.weightings(theta, s);
      case Signal s when learner instanceof SignalLearner l -> l.weightings(theta, s);
      default -> Params.empty();
    };
  }

  /** All of them in a row; one number where there are none. */
  private static Tensor flat(Params w) {
    return w.count() == 0
        ? fill(0, Shape.of(1))
        : concatenate(
            0, w.values().stream().map(t -> reshape(t, Shape.of(t.shape().size()))).toList());
  }

  private static List<Attention> heads(Params shapes, float[] w) {
    List<Attention> out = new ArrayList<>();
    int at = 0;
    for (String name : shapes.names()) {
      Shape s = shapes.get(name).shape();
      int steps = s.dim(0);
      int heads = s.dim(1);
      int rows = s.dim(2);
      for (int head = 0; head < heads; head++) {
        float[] of = new float[steps * rows];
        for (int t = 0; t < steps; t++) {
          System.arraycopy(w, at + (t * heads + head) * rows, of, t * rows, rows);
        }
        out.add(new Attention(name, head, steps, rows, of));
      }
      at += s.size();
    }
    return out;
  }
}
