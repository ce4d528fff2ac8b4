package io.quickstudy.suite;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.suite.Programs.Program;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A backend against the reference: F32 within a tolerance, integers exactly. */
public final class CandidateCheck {
  private CandidateCheck() {}

  /** What a backend computes for every program of a sample. */
  public static void check(Candidate candidate, Sample s, double tolerance) {
    for (Program p : Programs.of(s)) {
      check(candidate, s.name(), p, tolerance);
    }
  }

  /** Outputs that are arguments, constants, or repeated. */
  public static void edges(Candidate candidate) {
    check(candidate, "edges", Programs.edges(), Close.FLOAT);
  }

  /** What a backend computes whose products and convolutions take operands in TF32. */
  static void tf32(Candidate candidate, Sample s) {
    for (Program p : Programs.of(s)) {
      String what = what(candidate, s.name(), p);
      tried(what, () -> candidate.ways(p.outputs(), p.arguments()))
          .forEach((way, y) -> Tf32Bound.check(what + ", " + way, p.outputs(), p.arguments(), y));
    }
  }

  private static String what(Candidate candidate, String sample, Program p) {
    return candidate.name() + ", " + sample + ", " + p.name();
  }

  private static <T> T tried(String what, Supplier<T> run) {
    try {
      return run.get();
    } catch (RuntimeException | LinkageError e) {
      throw new AssertionError(what + ": " + e, e);
    }
  }

  private static void check(Candidate candidate, String sample, Program p, double tolerance) {
    String what = what(candidate, sample, p);
    List<double[]> actual = tried(what, () -> candidate.run(p.outputs(), p.arguments()));
    if (actual.size() != p.outputs().size()) {
      throw new AssertionError(what + ": " + actual.size() + " results");
    }
    Map<Tensor, double[]> expected = Reference.eval(p.outputs(), p.arguments());
    for (int i = 0; i < actual.size(); i++) {
      Tensor t = p.outputs().get(i);
      Close.check(
          what + ", output " + i + " " + t.dtype() + t.shape(),
          expected.get(t),
          actual.get(i),
          t.dtype() == DType.F32 ? tolerance : 0);
    }
  }
}
