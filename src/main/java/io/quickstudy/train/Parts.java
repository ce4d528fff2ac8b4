package io.quickstudy.train;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learners.BlackBoxLstm;
import io.quickstudy.learners.Criterion;
import io.quickstudy.learners.Learner;
import io.quickstudy.learners.Maml;
import io.quickstudy.learners.ProtoNet;
import io.quickstudy.nn.Classifier;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.optim.Clip;
import io.quickstudy.optim.Optimiser;
import io.quickstudy.optim.Schedule;
import io.quickstudy.run.ConfigException;
import io.quickstudy.run.ModelName;
import io.quickstudy.run.RunConfig;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Makes the learner, model and optimiser that a configuration names. */
public final class Parts {
  private static final int CHANNELS = 1;
  // Graves 2013, as used by Santoro et al. 2016
  private static final double RMSPROP_DECAY = 0.95;
  private static final double RMSPROP_EPSILON = 1e-4;

  private Parts() {}

  /** A model behind the flattening of its examples. */
  private record Flattened(Model model) implements Model {
    @Override
    public Params init(Init draw) {
      return model.init(draw);
    }

    @Override
    public Pass pass(Params theta, Tensor x, Norm norm) {
      Shape s = Shape.of(x.dim(0), x.shape().size() / x.dim(0));
      return model.pass(theta, io.quickstudy.graph.Ops.reshape(x, s), norm);
    }
  }

  /**
   * Checks that there is such a learner.
   *
   * @throws ConfigException if there is not, as where the model leaves nothing of an image
   */
  public static void check(RunConfig c) {
    try {
      learner(c, c.ways(), c.innerSteps());
      learner(c, c.evalWays(), c.evalInnerSteps());
      optimiser(c);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  /**
   * The learner.
   *
   * @param ways classes of a task
   * @param innerSteps gradient steps on the support set, where it adapts by these
   */
  public static Learner learner(RunConfig c, int ways, int innerSteps) {
    return switch (c.learner()) {
      case MAML -> maml(c, ways, innerSteps, Maml.Order.SECOND);
      case FOMAML -> maml(c, ways, innerSteps, Maml.Order.FIRST);
      case PROTONET -> new ProtoNet(embedding(c), ways, c.batchNorm());
      case LSTM -> new BlackBoxLstm(c.size() * c.size() * CHANNELS, c.hidden().get(0), ways);
    };
  }

  private static Maml maml(RunConfig c, int ways, int innerSteps, Maml.Order order) {
    Criterion criterion = c.data().images() ? Criterion.CROSS_ENTROPY : Criterion.SQUARED_ERROR;
    return new Maml(adapted(c, ways), criterion, c.innerRate(), innerSteps, order, c.batchNorm());
  }

  /** Examples to one output for each class, or to one value. */
  private static Model adapted(RunConfig c, int ways) {
    if (!c.data().images()) {
      return mlp(1, c.hidden(), 1);
    }
    if (c.model() == ModelName.MLP) {
      return new Flattened(mlp(c.size() * c.size() * CHANNELS, c.hidden(), ways));
    }
    ConvNet net = conv(c);
    return new Classifier(net, new Linear(net.features(), ways));
  }

  /** Numbers for each pixel of an example, where examples are images. */
  public static int channels(RunConfig c) {
    return CHANNELS;
  }

  /** Examples to features. */
  private static Model embedding(RunConfig c) {
    if (c.model() == ModelName.MLP) {
      int last = c.hidden().size() - 1;
      return new Flattened(
          mlp(c.size() * c.size() * CHANNELS, c.hidden().subList(0, last), c.hidden().get(last)));
    }
    return conv(c);
  }

  private static ConvNet conv(RunConfig c) {
    return new ConvNet(c.size(), c.size(), CHANNELS, c.filters(), c.blocks(), c.down(), c.head());
  }

  private static Mlp mlp(int in, List<Integer> hidden, int out) {
    List<Integer> sizes = new ArrayList<>(List.of(in));
    Stream.concat(hidden.stream(), Stream.of(out)).forEach(sizes::add);
    return new Mlp(List.copyOf(sizes));
  }

  /** The optimiser. */
  public static Optimiser optimiser(RunConfig c) {
    return switch (c.optimiser()) {
      case ADAM -> new Optimiser.Adam(schedule(c));
      case SGD -> new Optimiser.Sgd(schedule(c), c.momentum());
      case RMSPROP ->
          new Optimiser.RmsProp(schedule(c), RMSPROP_DECAY, c.momentum(), RMSPROP_EPSILON);
    };
  }

  /** The schedule of the learning rate. */
  public static Schedule schedule(RunConfig c) {
    return switch (c.schedule()) {
      case CONSTANT -> new Schedule.Constant(c.rate());
      case STEP -> new Schedule.Step(c.rate(), c.rateFactor(), c.rateEvery());
      case COSINE -> new Schedule.Cosine(c.rate(), c.rateLast(), Math.max(1, c.steps()));
    };
  }

  /** The limit on the gradient. */
  public static Clip clip(RunConfig c) {
    if (c.clipNorm() > 0) {
      return new Clip.Norm(c.clipNorm());
    }
    return c.clipValue() > 0 ? new Clip.Value(c.clipValue()) : new Clip.None();
  }
}
