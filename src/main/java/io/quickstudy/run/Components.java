package io.quickstudy.run;

import io.quickstudy.graph.Shape;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.Setup;
import io.quickstudy.nn.Architecture;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Frozen;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.optim.Clip;
import io.quickstudy.optim.MovingAverage;
import io.quickstudy.optim.Optimiser;
import io.quickstudy.optim.Schedule;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes the learner, its model and the optimiser that a configuration names. */
public final class Components {
  // Graves 2013, as used by Santoro et al. 2016
  private static final double RMSPROP_DECAY = 0.95;
  private static final double RMSPROP_EPSILON = 1e-4;

  private Components() {}

  /**
   * Checks that there is such a learner: builds it, and traces what it says of a task.
   *
   * @throws ConfigException if there is not, as where the model leaves nothing of an image, or if
   *     what it says does not fit the task
   */
  public static void check(RunConfig c) {
    Learner trained = trained(c, 1);
    int ways = c.evaluation().evalWays();
    Learner measured = measured(c, ways, c.measured(), 1);
    try {
      Params theta = trained.init(new Init(0));
      trained.optimiser(optimiser(c)).init(theta.select(n -> !Norm.isBuffer(n)));
      LearnerFit.check(c, measured, theta);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  /**
   * The learner as it is trained.
   *
   * @param classes all that are trained on, for a learner that is trained on batches of them
   */
  public static Learner trained(RunConfig c, int classes) {
    return learner(c, c.tasks().ways(), c.options(), classes);
  }

  /**
   * The learner as it is measured, or put to work.
   *
   * @param ways classes of a task
   * @param options its options
   * @param classes all that it was trained on, as for {@link #trained}
   */
  public static Learner measured(RunConfig c, int ways, Record options, int classes) {
    return learner(c, ways, options, classes);
  }

  private static Learner learner(RunConfig c, int ways, Record options, int classes) {
    try {
      return c.learner().build(options, setup(c, ways, classes));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  private static Setup setup(RunConfig c, int ways, int classes) {
    return new Setup(
        c.taskKind(),
        c.data().example(c.request()),
        support(c),
        outputs(c, ways),
        classes,
        c.network().batchNorm(),
        c.tasks().labels(),
        architecture(c));
  }

  /** Labels of a task of so many classes, or the numbers of a value. */
  static int outputs(RunConfig c, int ways) {
    return c.classifies() ? c.tasks().labels().outputs(ways) : c.data().outputs();
  }

  /** The shape of one example of a support set: a description has one number at least. */
  public static Shape support(RunConfig c) {
    return c.taskKind() == TaskKind.ATTRIBUTES
        ? Shape.of(Math.max(1, c.tasks().attributeCount()))
        : c.data().example(c.request());
  }

  private static Optional<Architecture> architecture(RunConfig c) {
    return plain(c).map(c.network()::frozen);
  }

  /** The model without what may be trained upon it. */
  private static Optional<Architecture> plain(RunConfig c) {
    return c.model().map(m -> c.network().normalised(m.build(c.modelOptions().orElseThrow())));
  }

  /**
   * What of a frozen model a run computes once for each image; nothing where it trains its model.
   */
  public static Optional<Frozen.Features> frozen(RunConfig c) {
    return architecture(c)
        .filter(Frozen.class::isInstance)
        .map(a -> ((Frozen) a).embedding(c.data().example(c.request())));
  }

  /**
   * The parameters that a checkpoint keeps of a learner's: all but the statistics that nobody
   * reads.
   */
  public static boolean keeps(Learner learner, String name) {
    return !Norm.isBuffer(name) || learner.norm().keepsStatistics() || Frozen.holds(name);
  }

  /**
   * The matrices whose leading rows stand for a flattened map, by name, as {@link
   * io.quickstudy.nn.Model#flattened} says.
   */
  public static Map<String, Shape> flattened(RunConfig c) {
    Map<String, Shape> m = new LinkedHashMap<>();
    Setup s = setup(c, c.tasks().ways(), 1);
    if (s.architecture().isPresent()) {
      m.putAll(s.embedding().flattened());
      m.putAll(s.network().flattened());
    }
    m.putAll(trained(c, 1).flattened());
    return m;
  }

  /**
   * Which of a learner's parameters are those of its model's features, with their names there; none
   * where it has no model.
   *
   * @param theta the names of its parameters
   */
  public static Map<String, String> features(RunConfig c, Set<String> theta) {
    Setup s = setup(c, c.tasks().ways(), 1);
    Map<String, String> found = new LinkedHashMap<>();
    if (s.architecture().isPresent()) {
      Backbone model = plain(c).orElseThrow().embedding(s.example());
      List<String> names = List.copyOf(model.init(new Init(0)).names());
      String first = names.getFirst();
      String before = // such as "phi."; often nothing
          theta.stream()
              .filter(n -> n.equals(first) || n.endsWith("." + first))
              .map(n -> n.substring(0, n.length() - first.length()))
              .min(Comparator.comparingInt(String::length))
              .orElse("");
      names.stream().filter(n -> theta.contains(before + n)).forEach(n -> found.put(before + n, n));
    }
    return found;
  }

  /** What to know where a model's weights go to or come from other programs; often nothing. */
  public static Optional<String> noteOnWeights(RunConfig c) {
    return architecture(c).flatMap(Architecture::noteOnWeights);
  }

  /** The learner's parameters, drawn from a seed, as graph. */
  public static Params drawn(Learner learner, long seed) {
    return learner.init(new Init(seed)).select(n -> keeps(learner, n));
  }

  /** The configured optimiser. */
  public static Optimiser optimiser(RunConfig c) {
    OptimiserSettings o = c.optimiser();
    return switch (o.optimiser()) {
      case ADAM -> new Optimiser.Adam(schedule(c));
      case SGD -> new Optimiser.Sgd(schedule(c), o.momentum());
      case RMSPROP ->
          new Optimiser.RmsProp(schedule(c), RMSPROP_DECAY, o.momentum(), RMSPROP_EPSILON);
    };
  }

  /** The schedule of the learning rate. */
  public static Schedule schedule(RunConfig c) {
    Schedule s = cold(c);
    int warmUp = c.optimiser().warmUp();
    return warmUp == 0 ? s : new Schedule.WarmUp(s, warmUp);
  }

  private static Schedule cold(RunConfig c) {
    OptimiserSettings o = c.optimiser();
    return switch (o.schedule()) {
      case CONSTANT -> new Schedule.Constant(o.rate());
      case STEP -> new Schedule.Step(o.rate(), o.rateFactor(), o.rateEvery());
      case COSINE -> new Schedule.Cosine(o.rate(), o.rateLast(), Math.max(1, c.run().steps()));
      case LINEAR -> new Schedule.Linear(o.rate(), o.rateLast(), Math.max(1, c.run().steps()));
    };
  }

  /** The moving average of the parameters that is measured and put to work, if there is one. */
  public static Optional<MovingAverage> average(RunConfig c) {
    double decay = c.optimiser().average();
    return decay == 0 ? Optional.empty() : Optional.of(new MovingAverage(decay));
  }

  /** The limit on the gradient. */
  public static Clip clip(RunConfig c) {
    OptimiserSettings o = c.optimiser();
    if (o.clipNorm() > 0) {
      return new Clip.Norm(o.clipNorm());
    }
    return o.clipValue() > 0 ? new Clip.Value(o.clipValue()) : new Clip.None();
  }
}
