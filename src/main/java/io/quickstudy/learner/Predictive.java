package io.quickstudy.learner;

import static io.quickstudy.functions.Distributions.normalCumulative;
import static io.quickstudy.graph.Ops.add;
import static io.quickstudy.graph.Ops.div;
import static io.quickstudy.graph.Ops.log;
import static io.quickstudy.graph.Ops.mul;
import static io.quickstudy.graph.Ops.repeat;
import static io.quickstudy.graph.Ops.scalar;
import static io.quickstudy.graph.Ops.scale;
import static io.quickstudy.graph.Ops.sqrt;
import static io.quickstudy.graph.Ops.sub;

import io.quickstudy.functions.Reductions;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import java.util.List;

/**
 * What a learner expects of the values at n points, and how surely: the distribution of each of the
 * d numbers of a value, as {@link Learner#predictive} gives it.
 */
public interface Predictive {
  /** The expected values [n, d]. */
  Tensor mean();

  /** Their standard deviations [n, d], above 0. */
  Tensor deviation();

  /** The logarithm of the density at values y [n, d], of each number on its own: [n, d]. */
  Tensor logDensity(Tensor y);

  /**
   * The probability of a value of at most y [n, d], of each number on its own: [n, d], from 0 to 1.
   * Of a mixture it is the mean of its components'.
   */
  Tensor cumulative(Tensor y);

  /**
   * Normal distributions.
   *
   * @param mean their means [n, d]
   * @param deviation their standard deviations [n, d]
   */
  record Normal(Tensor mean, Tensor deviation) implements Predictive {
    /** Checks the shapes. */
    public Normal {
      if (!mean.shape().equals(deviation.shape())) {
        throw new IllegalArgumentException(
            "normal distributions: means %s, deviations %s; the shapes must agree"
                .formatted(mean.shape(), deviation.shape()));
      }
    }

    /** -log(2 pi) / 2 - log sigma - ((y - mu) / sigma)^2 / 2. */
    @Override
    public Tensor logDensity(Tensor y) {
      Tensor z = div(sub(y, mean), deviation);
      Tensor far = add(log(deviation), scale(mul(z, z), 0.5));
      return sub(scalar(-0.5 * Math.log(2 * Math.PI)), far);
    }

    /** Phi((y - mu) / sigma), to within 1e-7. */
    @Override
    public Tensor cumulative(Tensor y) {
      return normalCumulative(div(sub(y, mean), deviation));
    }
  }

  /**
   * What several models say, each as likely as the others: a mixture of normal distributions.
   *
   * @param means those of each model [m, n, d]
   * @param deviations likewise
   */
  record Mixture(Tensor means, Tensor deviations) implements Predictive {
    /** Checks the shapes. */
    public Mixture {
      if (means.rank() != 3 || !means.shape().equals(deviations.shape())) {
        throw new IllegalArgumentException(
            "mixture of normal distributions: means %s, deviations %s; expected [m, n, d] for both"
                .formatted(means.shape(), deviations.shape()));
      }
    }

    @Override
    public Tensor mean() {
      return Ops.mean(means, List.of(0));
    }

    /** That of the mixture: the root of the mean variance and the variance of the means. */
    @Override
    public Tensor deviation() {
      Tensor within = Ops.mean(mul(deviations, deviations), List.of(0));
      return sqrt(add(within, Reductions.variance(means, List.of(0))));
    }

    /** log (1/m) sum over models of the density. */
    @Override
    public Tensor logDensity(Tensor y) {
      Tensor each = new Normal(means, deviations).logDensity(repeat(y, means.dim(0)));
      return sub(Reductions.logSumExp(each, List.of(0)), scalar(Math.log(means.dim(0))));
    }

    @Override
    public Tensor cumulative(Tensor y) {
      Tensor each = new Normal(means, deviations).cumulative(repeat(y, means.dim(0)));
      return Ops.mean(each, List.of(0));
    }
  }
}
