package io.quickstudy.benchmarks;

import io.quickstudy.benchmarks.Workload.Method;

/**
 * How far float32 results may be from the same in double precision, tensor by tensor.
 *
 * <p>Where ReLU and max-pooling have a kink, rounding sends about one in a million of the numbers
 * to its other side, and each such number makes the gradient jump, however exact the arithmetic.
 * One jump near the output of a small network is 1e-2 of the gradient; libtorch's own float32 is as
 * far from its double precision. So there are two comparisons. Small cases have few numbers, and
 * some of them no such jump: a term that is missing anywhere is missing in all of them, so it is
 * enough that the best of them agrees sharply. What is timed is compared at its full size, with
 * room for jumps: examples, tasks or inner steps left out would show there.
 *
 * @param loss relative
 * @param gradient of each parameter, or the logits: relative, in the Euclidean norm
 */
record Tolerance(double loss, double gradient) {
  /** For small cases, and for outputs without jumps. */
  static final Tolerance SHARP = new Tolerance(1e-5, 1e-5);

  private static final Tolerance OURS = new Tolerance(2e-4, 5e-2);

  // Its batch norm adds up hundreds of thousands of numbers one by one where the layout is NHWC, so
  // its forward pass is only good to 1e-4, and more numbers jump. The reference is the same code.
  private static final Tolerance THEIRS = new Tolerance(5e-4, 2e-1);

  /** For ours at the full size of a workload. */
  static Tolerance ours(Workload w) {
    return jumps(w) ? OURS : SHARP;
  }

  /** For libtorch's at the full size of a workload. */
  static Tolerance theirs(Workload w) {
    return jumps(w) ? THEIRS : SHARP;
  }

  private static boolean jumps(Workload w) {
    // predictions are continuous where gradients jump
    return w.net().down() != null && w.method() != Method.ADAPT;
  }

  /** Refuses results that are further off. */
  void check(Workload w, String side, Agreement a) {
    check(w, side, "loss", a.loss(), loss);
    check(w, side, a.where(), a.gradient(), gradient);
  }

  private static void check(Workload w, String side, String what, double error, double bound) {
    if (!(error <= bound)) {
      throw new BenchmarkException(
          ("%s: '%s' of %s is %.1e from double precision: expected at most %.1e; the sides do not"
                  + " compute the same, so no time was taken.")
              .formatted(w, what, side, error, bound));
    }
  }
}
