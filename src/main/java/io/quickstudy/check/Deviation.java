package io.quickstudy.check;

import io.quickstudy.graph.Tensor;
import java.util.List;
import java.util.Map;

/**
 * How far numbers are from those expected.
 *
 * @param relative the largest difference over the largest number expected; NaN if a number is none
 * @param where it is, in words
 */
public record Deviation(double relative, String where) {
  /** The largest that passes of a device that computes in 32-bit floats. */
  public static final double FLOAT = 1e-4;

  /**
   * The same with operands of products in TF32, rounded as the reference rounds them, which our own
   * kernels do and NVIDIA's libraries do not say. A number so near the middle between two of TF32
   * that a backend takes the other one moves a term by 2^-10.
   */
  public static final double TF32 = 0x1p-10;

  /**
   * Compares a learner's gradient and loss.
   *
   * @param expected by {@link MetaGradient#outputs}
   * @param actual in their order
   */
  public static Deviation of(
      MetaGradient m, Map<Tensor, double[]> expected, List<double[]> actual) {
    List<Tensor> outputs = m.outputs();
    List<String> names = List.copyOf(m.gradient().names());
    double largest = 0;
    for (Tensor t : outputs) {
      for (double v : expected.get(t)) {
        largest = Math.max(largest, Math.abs(v));
      }
    }
    Deviation worst = new Deviation(0, "");
    for (int i = 0; i < outputs.size(); i++) {
      double[] e = expected.get(outputs.get(i));
      for (int k = 0; k < e.length; k++) {
        double a = actual.get(i)[k];
        double off = a == e[k] ? 0 : Math.abs(a - e[k]) / largest;
        if (!(off <= worst.relative)) {
          String what =
              i == names.size()
                  ? "the loss"
                  : "number %s of the gradient of '%s'".formatted(k, names.get(i));
          worst = new Deviation(off, "%s is %s, expected %s".formatted(what, a, e[k]));
          if (Double.isNaN(off)) {
            return worst;
          }
        }
      }
    }
    return worst;
  }
}
