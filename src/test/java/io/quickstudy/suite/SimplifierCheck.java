package io.quickstudy.suite;

import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.suite.Programs.Program;
import io.quickstudy.transform.Verifier;
import java.util.List;
import java.util.Map;

/** A pass must leave types and values as they are, and a legal graph. */
public final class SimplifierCheck {
  private SimplifierCheck() {}

  /** Tries a pass on every program of a sample. */
  public static void check(Pass pass, Sample s) {
    for (Program p : Programs.of(s)) {
      check(pass, s.name(), p);
    }
  }

  /** Outputs that are arguments, constants, or repeated. */
  public static void edges(Pass pass) {
    check(pass, "edges", Programs.edges());
  }

  private static void check(Pass pass, String sample, Program p) {
    String what = pass.name() + ", " + sample + ", " + p.name();
    List<Tensor> after = pass.rewrite().apply(p.outputs());
    Verifier.verify(what, after);
    if (after.size() != p.outputs().size()) {
      throw new AssertionError(what + ": " + after.size() + " outputs");
    }
    Map<Tensor, double[]> expected = Reference.eval(p.outputs(), p.arguments());
    Map<Tensor, double[]> actual = Reference.eval(after, p.arguments());
    for (int i = 0; i < after.size(); i++) {
      Tensor a = p.outputs().get(i);
      Tensor b = after.get(i);
      if (!a.shape().equals(b.shape()) || a.dtype() != b.dtype()) {
        throw new AssertionError(what + ": output " + i + " was " + a + " and became " + b);
      }
      Close.check(what + ", output " + i, expected.get(a), actual.get(b), Close.DOUBLE);
    }
  }
}
