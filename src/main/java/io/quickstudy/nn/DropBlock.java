package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;

/**
 * DropBlock (Ghiasi, Lin and Le 2018, algorithm 1): while a model is trained, squares of a map are
 * 0, in every channel others, and the rest is scaled by how much of the map is left. As the
 * released code of MetaOptNet (Lee et al. 2019) has it: a square's corner is drawn with probability
 * gamma = (1 - keep) / size^2 height width / ((height - size + 1) (width - size + 1)), the paper's
 * equation 1, and keep falls linearly from 1 to 1 - rate (section 3.1, "scheduled DropBlock").
 *
 * <p>Two things are otherwise. What is left is counted over the examples that pass together, here
 * those of one task. A map smaller than a square takes squares of its own side, where the released
 * code fails.
 *
 * @param rate of what is dropped in the end, from 0 to below 1
 * @param size side of a square
 * @param steps of training in which the rate rises from 0; 0 for a rate that is the same throughout
 */
public record DropBlock(double rate, int size, int steps) {
  /** Checks the numbers. */
  public DropBlock {
    if (!(rate >= 0 && rate < 1) || size < 1 || steps < 0) {
      throw new IllegalArgumentException(
          "DropBlock at a rate of %s with squares of %s over %s steps: expected a rate from 0 to below 1, squares of at least 1 and no fewer steps than 0; change these."
              .formatted(rate, size, steps));
    }
  }

  /** Of maps [n, height, width, channels]; outside of training just these. */
  public Tensor of(Tensor x) {
    return rate == 0 ? x : TrainingNoise.now().map(n -> dropped(x, n)).orElse(x);
  }

  private Tensor dropped(Tensor x, TrainingNoise noise) {
    int h = x.dim(1);
    int w = x.dim(2);
    int side = Math.min(size, Math.min(h, w));
    Shape corners = Shape.of(x.dim(0), h - side + 1, w - side + 1, x.dim(3));
    double spots = (double) corners.dim(1) * corners.dim(2);
    double perRate = (double) h * w / (side * side * spots);
    Tensor corner = less(noise.uniform(corners), scale(reached(noise.step()), perRate));
    Tensor hit = maxPool(corner, Window.square(side, 1, side - 1));
    Tensor kept = stop(sub(scalar(1), hit));
    // all of a tiny map may be gone, and 0 times anything is 0
    Tensor share = maximum(mean(kept), scalar(1.0 / x.shape().size()));
    return mul(mul(x, kept), reciprocal(share));
  }

  /** The rate after so many steps. */
  private Tensor reached(Tensor step) {
    return steps == 0
        ? scalar(rate)
        : minimum(scale(add(step, scalar(1)), rate / steps), scalar(rate));
  }
}
