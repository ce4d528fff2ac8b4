package io.quickstudy.functions;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/** Batch normalisation over the last axis (Ioffe and Szegedy 2015, algorithm 1). */
public final class Normalisation {
  /** Added to the variance. */
  public static final double EPSILON = 1e-5;

  private Normalisation() {}

  /**
   * Mean and (biased) variance of each channel.
   *
   * @param mean [C]
   * @param variance [C]
   */
  public record Moments(Tensor mean, Tensor variance) {}

  /**
   * The moments of x [..., C] over all axes but the last, in one pass: those of what x exceeds its
   * first element by (Chan, Golub and LeVeque 1983, section 2, "shifted data"). The shift, which
   * changes neither moment, takes part in no gradient; one of the data, it keeps the variance from
   * cancelling out.
   */
  public static Moments moments(Tensor x) {
    if (x.rank() < 2) {
      throw new IllegalArgumentException(
          "moments of %s; expected [..., C] with axes to average over: give a batch"
              .formatted(x.shape()));
    }
    List<Integer> axes = leading(x);
    Tensor shift = stop(first(x));
    Tensor excess = sub(x, shift);
    Tensor mean = mean(excess, axes);
    Tensor variance = sub(mean(mul(excess, excess), axes), mul(mean, mean));
    return new Moments(add(shift, mean), variance);
  }

  /** The last axis at the first place of all others: [C]. */
  private static Tensor first(Tensor x) {
    Tensor t = x;
    for (int axis : leading(x)) {
      t = slice(t, axis, 0, 1);
    }
    return reshape(t, Shape.of(x.dim(-1)));
  }

  /** (x - mean) / sqrt(variance + epsilon) gamma + beta, channel by channel. */
  public static Tensor batchNorm(Tensor x, Moments by, Tensor gamma, Tensor beta) {
    for (Tensor t : List.of(by.mean(), by.variance(), gamma, beta)) {
      if (x.rank() < 1 || t.rank() != 1 || t.dim(0) != x.dim(-1)) {
        throw new IllegalArgumentException(
            "batch norm: x %s with a moment, gamma or beta of %s; expected [..., C] and [C]: one number for each channel"
                .formatted(x.shape(), t.shape()));
      }
    }
    Tensor slope = mul(gamma, rsqrt(add(by.variance(), scalar(EPSILON))));
    return add(mul(sub(x, by.mean()), slope), beta);
  }

  private static List<Integer> leading(Tensor x) {
    return IntStream.range(0, x.rank() - 1).boxed().toList();
  }
}
