package io.quickstudy.task;

import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/**
 * Pairs of examples.
 *
 * @param a the one of each [n, ...]
 * @param b the other, of the same shape
 * @param same 1 where both are of one class, else 0: I32 [n]
 */
public record Pairs(Tensor a, Tensor b, Tensor same) implements Drawn {
  /** Checks that there are as many of each. */
  public Pairs {
    if (!a.shape().equals(b.shape()) || same.rank() != 1 || a.dim(0) != same.dim(0)) {
      throw new IllegalArgumentException(
          "pairs: %s and %s with labels %s; expected two of one shape and a label for each pair"
              .formatted(a.shape(), b.shape(), same.shape()));
    }
  }

  /** The three tensors by name: "a", "b", "same". */
  public Params pack() {
    return Params.of("a", a, "b", b).with("same", same);
  }

  /** The inverse of {@link #pack}. */
  public static Pairs unpack(Params p) {
    return new Pairs(p.get("a"), p.get("b"), p.get("same"));
  }

  @Override
  public Tensor targets() {
    return same;
  }
}
