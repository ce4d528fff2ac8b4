package io.quickstudy.explain;

import io.quickstudy.data.Split;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.TaskSettings;
import io.quickstudy.runtime.Array;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Session;
import io.quickstudy.train.TaskMeans;
import io.quickstudy.transform.Params;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * Explains the gradients of a run, or of a fresh network: what the meta-gradient of its network is
 * made of on tasks like those of its training, where all parameters take the inner steps.
 */
public final class Explanation {
  /** The option that is a learner's own inner rate. */
  private static final String RATE = "inner-rate";

  /** At these parts of the scale nothing but roundings is left of a misfit. */
  private static final double TINY_FLOAT = 1e-6;

  private static final double TINY_DOUBLE = 1e-9;

  private Explanation() {}

  /** How exactly to compute. */
  public enum Arithmetic {
    /** On the session's device, in 32 bits. */
    DEVICE,
    /** By the reference, in double precision: for small networks. */
    DOUBLE
  }

  /**
   * Whether there is something to explain: a learner whose network has an output for each class of
   * a task, or for each number of a target.
   */
  public static boolean canExplain(RunConfig c, int classes) {
    if (c.taskKind() != TaskKind.EPISODES && c.taskKind() != TaskKind.REGRESSION) {
      return false;
    }
    Learner learner = Components.trained(c, classes);
    Params theta = learner.init(new Init(0));
    Tensor x = Tensor.argument("x", DType.F32, c.data().example(c.request()).prepend(1));
    Params outputs = learner.network(theta, x, Norm.batch());
    return outputs.names().contains(Model.OUTPUTS)
        && outputs.get(Model.OUTPUTS).shape().equals(Shape.of(1, outputs(c)));
  }

  private static int outputs(RunConfig c) {
    return c.classifies() ? c.tasks().ways() : c.data().outputs();
  }

  /**
   * Measures the terms of the gradient on training tasks, without their augmentation.
   *
   * @param session the data and the device; its configuration says what tasks
   * @param theta parameters and buffers, as the learner is trained with them
   * @param tasks how many
   * @throws ConfigException if the learner has no such network, or the data no such tasks
   * @throws io.quickstudy.run.RunException if the gradient is 0 or no number
   */
  public static GradientTerms gradients(
      Session session, Map<String, Array> theta, int tasks, Arithmetic arithmetic) {
    RunConfig c = session.config();
    if (!canExplain(c, session.classes())) {
      throw new ConfigException(
          "Gradients of learner '%s', whose network has no outputs for the classes of a task: expected one that adapts by gradient steps, such as maml; choose another."
              .formatted(c.learner()));
    }
    TaskSettings t = c.tasks();
    EvalSpec spec =
        new EvalSpec(Split.Part.TRAIN, t.ways(), t.shots(), t.queries(), c.options(), tasks);
    Learner learner = Components.trained(c, session.classes());
    Criterion criterion = c.classifies() ? Criterion.CROSS_ENTROPY : Criterion.SQUARED_ERROR;
    TaskMeans.Each terms =
        (p, alpha, task) -> {
          Params phi = trained(p);
          TwoBatches two = batches(learner, criterion, p, task);
          return two.gradient(phi).under(Expectations.A).with(two.inner(phi).under(Expectations.B));
        };
    TaskMeans.Each directions =
        (p, alpha, task) -> {
          TwoBatches.Directions d =
              batches(learner, criterion, p, task).directions(trained(p), alpha);
          return d.maml()
              .under(Method.MAML.key())
              .with(d.fomaml().under(Method.FOMAML.key()))
              .with(d.reptile().under(Method.REPTILE.key()));
        };
    boolean exact = arithmetic == Arithmetic.DOUBLE;
    try (Expectations e =
        exact
            ? Expectations.inDouble(session, spec, theta, terms, directions)
            : Expectations.onDevice(session, spec, theta, terms, directions)) {
      String device =
          exact
              ? "double precision"
              : session.device() + " in " + Values.format(c.run().precision());
      return GradientMeasurement.measure(
          e, spec, device, exact ? TINY_DOUBLE : TINY_FLOAT, rate(c));
    }
  }

  private static Params trained(Params theta) {
    return theta.select(n -> !Norm.isBuffer(n));
  }

  /** The two sets of a task as its mini-batches 0 and 1, each normalised by its own statistics. */
  private static TwoBatches batches(Learner learner, Criterion criterion, Params theta, Task task) {
    Params buffers = theta.select(Norm::isBuffer);
    Function<Batch, Function<Params, Tensor>> loss =
        batch ->
            phi -> {
              Params y = learner.network(phi.with(buffers), batch.x(), Norm.batch());
              return criterion.of(y.get(Model.OUTPUTS), batch.y());
            };
    return new TwoBatches(loss.apply(task.support()), loss.apply(task.query()));
  }

  private static OptionalDouble rate(RunConfig c) {
    return Values.values(c.options()).get(RATE) instanceof Double d
        ? OptionalDouble.of(d)
        : OptionalDouble.empty();
  }
}
