package io.quickstudy.functions;

import static io.quickstudy.graph.Ops.*;

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

  /** The moments of x [..., C] over all axes but the last. */
  public static Moments moments(Tensor x) {
    List<Integer> axes = leading(x);
    Tensor mean = mean(x, axes);
    Tensor centred = sub(x, mean);
    return new Moments(mean, mean(mul(centred, centred), axes));
  }

  /** (x - mean) / sqrt(variance + epsilon) gamma + beta, channel by channel. */
  public static Tensor batchNorm(Tensor x, Moments by, Tensor gamma, Tensor beta) {
    Tensor slope = mul(gamma, rsqrt(add(by.variance(), scalar(EPSILON))));
    return add(mul(sub(x, by.mean()), slope), beta);
  }

  private static List<Integer> leading(Tensor x) {
    return IntStream.range(0, x.rank() - 1).boxed().toList();
  }
}
