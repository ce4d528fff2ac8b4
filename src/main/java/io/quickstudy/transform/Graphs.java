package io.quickstudy.transform;

import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Walks;
import java.util.Collection;
import java.util.List;

/** Walks over a graph. */
public final class Graphs {
  private Graphs() {}

  /** Everything the roots are computed from, the roots among it, inputs before what uses them. */
  public static List<Tensor> order(Collection<Tensor> roots) {
    return Walks.order(roots);
  }
}
