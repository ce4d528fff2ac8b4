package io.quickstudy.transform;

import io.quickstudy.graph.Op;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Tensor;
import java.util.Collection;

/** Checks that a graph is legal: run after every transform and pass. */
public final class Verifier {
  private Verifier() {}

  /**
   * Checks every node the roots depend on: its type is what its op's shape rule gives, its inputs
   * are older than itself, and it is the one node of its kind; and so in the bodies of recurrences.
   *
   * @throws IllegalStateException naming the pass and the node, if one is not
   */
  public static void verify(String pass, Collection<Tensor> roots) {
    for (Tensor t : Graphs.order(roots)) {
      Op.Type type = t.op().infer(t.inputs());
      boolean ok = type.shape().equals(t.shape()) && type.dtype() == t.dtype();
      for (Tensor i : t.inputs()) {
        ok &= i.id() < t.id();
      }
      if (!ok || Tensor.of(t.op(), t.inputs()) != t) {
        throw new IllegalStateException(
            "after "
                + pass
                + ": node "
                + t
                + " of "
                + t.inputs()
                + " is not legal; this is a bug in"
                + " the pass");
      }
      if (t.op() instanceof Recurrence r) {
        verify(pass + ", in a body", r.body().results());
      }
    }
  }
}
