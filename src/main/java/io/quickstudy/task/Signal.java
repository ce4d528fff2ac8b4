package io.quickstudy.task;

import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/**
 * Bits over time: a network sees some at every step, and is asked for others at some (Graves, Wayne
 * and Danihelka 2014, section 4).
 *
 * @param x what is seen, F32 [n, in]
 * @param y the bits that are right, F32 [n, out] of 0 and 1
 * @param asked 1 at the steps whose bits are asked for, else 0: F32 [n]
 */
public record Signal(Tensor x, Tensor y, Tensor asked) implements Drawn {
  @Override
  public Tensor targets() {
    return y;
  }

  /** The three tensors by name: "x", "y", "asked". */
  public Params pack() {
    return Params.of("x", x, "y", y).with("asked", asked);
  }

  /** The inverse of {@link #pack}. */
  public static Signal unpack(Params p) {
    return new Signal(p.get("x"), p.get("y"), p.get("asked"));
  }
}
