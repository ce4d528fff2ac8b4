package io.quickstudy.train;

import static io.quickstudy.graph.Ops.concatenate;
import static io.quickstudy.graph.Ops.literal;
import static io.quickstudy.graph.Ops.reshape;

import io.quickstudy.data.sampling.Episode;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the images of one task lie in the space of an adapted learner's features, normalised as
 * when they are predicted.
 *
 * @param episode its images and labels
 * @param support features of the support images, [ways * shots][d]
 * @param query features of the queries, [ways * queries][d]
 * @param marks what adapting made that has a row of as many numbers for each class, such as
 *     prototypes, [ways][d]; empty where there is none
 * @param marked what that is called; empty likewise
 */
public record TaskFeatures(
    Episode episode, float[][] support, float[][] query, float[][] marks, String marked) {

  /**
   * The features of the first task that {@link Evaluator} measures for the same spec.
   *
   * @param theta parameters
   * @return nothing for a learner without features, for what is no episode of images, and where a
   *     feature is no finite number
   * @throws io.quickstudy.settings.ConfigException if the data does not have such tasks
   */
  public static Optional<TaskFeatures> of(
      Session session, EvalSpec spec, Map<String, Array> theta) {
    RunConfig c = session.config();
    if (!(session.tasks().measured(spec) instanceof EpisodeSource source)) {
      return Optional.empty();
    }
    Learner learner = Components.measured(c, spec.ways(), spec.options(), session.classes());
    Params start = learner.init(new Init(0));
    Shape example = c.data().example(c.request());
    Tensor x = literal(example.prepend(1), new double[example.size()]);
    if (!learner.network(start, x, Norm.batch()).names().contains(Model.FEATURES)) {
      return Optional.empty();
    }
    List<String> marked = new ArrayList<>(); // as the trace finds them
    try (Compiled compiled =
        MetaStep.compileEach(
            session,
            "f",
            source,
            theta,
            1,
            (p, t) -> features(learner, c, spec.ways(), p, t, marked))) {
      compiled.setState(MetaStep.state(theta));
      source.fill(spec.first(), 1, compiled);
      compiled.run();
      Array f = compiled.output("f");
      for (float v : f.data()) {
        if (!Float.isFinite(v)) {
          return Optional.empty();
        }
      }
      Episode e = source.drawn(0);
      int support = e.supportLabel().length;
      int query = e.queryLabel().length;
      float[][] rows = rows(f);
      return Optional.of(
          new TaskFeatures(
              e,
              Arrays.copyOfRange(rows, 0, support),
              Arrays.copyOfRange(rows, support, support + query),
              Arrays.copyOfRange(rows, support + query, rows.length),
              marked.isEmpty() ? "" : marked.getFirst()));
    }
  }

  /** Features of the support, of the queries and what is made of that form, one below another. */
  private static Tensor features(
      Learner learner, RunConfig c, int ways, Params theta, Drawn drawn, List<String> marked) {
    Task task = (Task) drawn;
    Params made = learner.adapt(theta, task.support());
    Params adapted = theta.with(made);
    Norm.Policy norm = learner.norm();
    Norm of = norm == Norm.Policy.RUNNING ? Norm.given(adapted) : Norm.batch();
    boolean together = norm == Norm.Policy.TRANSDUCTIVE || norm == Norm.Policy.NONE;
    Tensor s = flat(learner.network(adapted, task.support().x(), of));
    Tensor q =
        flat(
            learner.network(
                adapted, task.query().x(), together ? Norm.batch() : Norm.given(adapted)));
    Tensor all = concatenate(0, s, q);
    marked.clear();
    for (String name : c.learner().makes()) {
      Tensor m = made.names().contains(name) ? made.get(name) : null;
      if (m != null && m.rank() == 2 && m.dim(0) == ways && m.dim(1) == s.dim(1)) {
        marked.add(name);
        return concatenate(0, all, m);
      }
    }
    return all;
  }

  private static Tensor flat(Params network) {
    Tensor f = network.get(Model.FEATURES);
    return reshape(f, Shape.of(f.dim(0), f.shape().size() / f.dim(0)));
  }

  private static float[][] rows(Array f) {
    int n = f.shape().dim(1);
    int d = f.shape().dim(2);
    float[][] rows = new float[n][];
    for (int i = 0; i < n; i++) {
      rows[i] = Arrays.copyOfRange(f.data(), i * d, (i + 1) * d);
    }
    return rows;
  }
}
