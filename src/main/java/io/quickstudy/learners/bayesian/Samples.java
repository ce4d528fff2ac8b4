package io.quickstudy.learners.bayesian;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Losses;
import io.quickstudy.functions.Reductions;
import io.quickstudy.functions.Sampling;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.List;

/** Drawing samples, and what they say together. */
final class Samples {
  /** The key of adapted learners, whose samples are always the same. */
  private static final Tensor FIXED = literal(DType.I32, Shape.of(2), 0, 1);

  private Samples() {}

  /** The standard normal numbers of adapted learners. */
  static Tensor fixed(Shape shape) {
    return Sampling.normal(FIXED, shape);
  }

  /** Standard normal numbers of the names and shapes of some tensors, by a key. */
  static Params normal(Tensor key, Params like) {
    return cut(Sampling.normal(key, Shape.of(Math.toIntExact(like.size()))), like);
  }

  /** So many times those of adapted learners, [n, ...] each. */
  static Params fixed(int n, Params like) {
    return cut(fixed(Shape.of(n, Math.toIntExact(like.size()))), like);
  }

  /** Numbers [..., n] as tensors of names and shapes that have n in all. */
  private static Params cut(Tensor all, Params like) {
    int axis = all.rank() - 1;
    Params p = Params.empty();
    int from = 0;
    for (String n : like.names()) {
      Shape s = like.get(n).shape();
      Tensor part = slice(all, axis, from, from + s.size());
      p = p.with(n, reshape(part, all.shape().sub(0, axis).append(s.dims())));
      from += s.size();
    }
    return p;
  }

  /** Parameters of the same names, one behind the other along a new axis. */
  static Params stacked(List<Params> each) {
    Params p = Params.empty();
    for (String n : each.getFirst().names()) {
      p = p.with(n, stack(0, each.stream().map(e -> e.get(n)).toList()));
    }
    return p;
  }

  /** log 1/m sum of the probabilities of logits [m, q, ways]: logits of the mean probability. */
  static Tensor meanProbability(Tensor logits) {
    Tensor log = Reductions.logSumExp(Losses.logSoftmax(logits), List.of(0));
    return sub(log, scalar(Math.log(logits.dim(0))));
  }
}
