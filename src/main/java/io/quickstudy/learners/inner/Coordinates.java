package io.quickstudy.learners.inner;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.List;

/**
 * The numbers of some parameters one after another, for a network that looks at each of them alone
 * and is the same for all: their coordinates (Andrychowicz et al. 2016, "Learning to learn by
 * gradient descent by gradient descent", section 2.1).
 *
 * @param like parameters of the names, the order and the shapes
 */
public record Coordinates(Params like) {
  /** How many. */
  public int count() {
    return Math.toIntExact(like.size());
  }

  /** All the numbers of parameters of the same names and shapes: [n]. */
  public Tensor flat(Params p) {
    List<Tensor> parts =
        like.names().stream()
            .map(name -> reshape(p.get(name), Shape.of(like.get(name).shape().size())))
            .toList();
    return concatenate(0, parts);
  }

  /** The parameters of which these are the numbers [n]. */
  public Params unflat(Tensor numbers) {
    Params p = Params.empty();
    int from = 0;
    for (String name : like.names()) {
      Shape shape = like.get(name).shape();
      p = p.with(name, reshape(slice(numbers, 0, from, from + shape.size()), shape));
      from += shape.size();
    }
    return p;
  }

  /**
   * Numbers of any magnitude as two near 1: x [n] becomes (log|x| / p, sgn x) where |x| is at least
   * e^-p, and else (-1, e^p x): [n, 2] (Andrychowicz et al. 2016, appendix A).
   *
   * @param p how small a number is told from 0; 10 there
   */
  public static Tensor logAndSign(Tensor x, double p) {
    Tensor magnitude = maximum(abs(x), scalar(Math.exp(-p)));
    Tensor sign = maximum(scalar(-1), minimum(scalar(1), scale(x, Math.exp(p))));
    return stack(1, List.of(scale(log(magnitude), 1 / p), sign));
  }
}
