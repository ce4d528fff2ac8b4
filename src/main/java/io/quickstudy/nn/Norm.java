package io.quickstudy.nn;

import io.quickstudy.functions.Normalisation;
import io.quickstudy.functions.Normalisation.Moments;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/** Whose statistics normalise a pass through a model. */
public sealed interface Norm {
  /** Those of the examples that pass through together. */
  record Batch() implements Norm {}

  /** Given ones, by layer: "NAME.running_mean" and "NAME.running_var" for each batch-norm layer. */
  record Given(Params moments) implements Norm {}

  /**
   * The statistics that normalise a layer.
   *
   * @param layer its name, for given ones
   * @param x what is to be normalised [..., C]
   */
  default Moments moments(String layer, Tensor x) {
    return switch (this) {
      case Batch b -> Normalisation.moments(x);
      case Given g -> unpack(layer, g.moments());
    };
  }

  /** Statistics of the examples that pass through together. */
  static Norm batch() {
    return new Batch();
  }

  /** Given statistics: the running ones among a model's parameters, or those of another pass. */
  static Norm given(Params moments) {
    return new Given(moments);
  }

  /**
   * Which statistics a learner normalises with: the choice that most failures to reproduce in this
   * field come down to. Part of every configuration and printed with every result.
   */
  enum Policy {
    /** Every set by its own statistics; at test time the queries are seen together. */
    TRANSDUCTIVE,
    /** The queries by the statistics of the support set. */
    SUPPORT,
    /**
     * Each query by the statistics of itself and the support set, which pass through together
     * (Nichol et al. 2018, section 6.1, without transduction).
     */
    WITH_SUPPORT,
    /** Training by batch statistics, testing by their moving average. */
    RUNNING,
    /**
     * Training by batch statistics; testing by their moving average, which each inner step has of
     * its own.
     */
    PER_STEP,
    /** The model has no batch normalisation. */
    NONE;

    /** Whether statistics are learned, and kept with the parameters. */
    public boolean keepsStatistics() {
      return this == RUNNING || this == PER_STEP;
    }

    /**
     * What normalises queries under adapted parameters, which hold the statistics if it is these.
     */
    public Norm ofQueries(Params adapted) {
      return switch (this) {
        case TRANSDUCTIVE, WITH_SUPPORT, NONE -> Norm.batch();
        case SUPPORT, RUNNING, PER_STEP -> Norm.given(adapted);
      };
    }

    /** The name used on the command line and in reports. */
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  /** The suffix of a running mean's name. */
  String MEAN = "running_mean";

  /** The suffix of a running variance's name. */
  String VARIANCE = "running_var";

  /** Weight of the newest batch in running statistics, as in the official code of the field. */
  double MOMENTUM = 0.1;

  /** Running statistics, moved towards those of a pass. */
  static Tensor moved(Tensor running, Tensor now) {
    return Ops.add(Ops.scale(running, 1 - MOMENTUM), Ops.scale(now, MOMENTUM));
  }

  /** Whether a parameter is moved by statistics, or {@link Frozen}, and not by a gradient. */
  static boolean isBuffer(String name) {
    return name.endsWith(MEAN) || name.endsWith(VARIANCE) || Frozen.holds(name);
  }

  /**
   * Running statistics, moved towards those of a pass.
   *
   * @param theta parameters, with the running statistics among them
   * @param now those of the pass, by the same names
   */
  static Params running(Params theta, Params now) {
    Params moved = now;
    for (String name : now.names()) {
      moved = moved.with(name, moved(theta.get(name), now.get(name)));
    }
    return moved;
  }

  /** The statistics of a layer as parameters. */
  static Params pack(String layer, Moments m) {
    return Params.of(layer + "." + MEAN, m.mean(), layer + "." + VARIANCE, m.variance());
  }

  /** The statistics of a layer among parameters. */
  static Moments unpack(String layer, Params p) {
    Tensor mean = p.get(layer + "." + MEAN);
    return new Moments(mean, p.get(layer + "." + VARIANCE));
  }
}
