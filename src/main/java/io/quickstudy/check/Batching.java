package io.quickstudy.check;

import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tasks batched by vmap against a loop over tasks. */
public final class Batching {
  /** Two ways to the same number in double precision. */
  static final double BOUND = 1e-12;

  static final String NAME = "batched tasks against a loop";

  private Batching() {}

  /**
   * Compares the mean loss and its gradient, relative to the largest number of the two.
   *
   * @param seed of the tasks
   */
  public static Comparison compare(MetaGradient m, long seed) {
    Map<Tensor, double[]> values = m.draw(seed);
    Params slots = m.subject().task().parts();
    Grad.Result<Void> one = Grad.valueAndGrad(p -> m.loss(m.theta().with(p), slots), m.trainable());
    List<Tensor> outputs = new ArrayList<>(one.grad().values());
    outputs.add(one.value());
    List<double[]> mean = new ArrayList<>();
    for (int task = 0; task < m.count(); task++) {
      Map<Tensor, double[]> now = new LinkedHashMap<>(values);
      for (String n : slots.names()) {
        double[] all = values.get(m.tasks().get(n));
        int size = all.length / m.count();
        now.put(slots.get(n), Arrays.copyOfRange(all, task * size, (task + 1) * size));
      }
      Map<Tensor, double[]> y = Reference.eval(outputs, now);
      for (int i = 0; i < outputs.size(); i++) {
        if (task == 0) {
          mean.add(new double[y.get(outputs.get(i)).length]);
        }
        for (int k = 0; k < mean.get(i).length; k++) {
          mean.get(i)[k] += y.get(outputs.get(i))[k] / m.count();
        }
      }
    }
    Deviation e = Deviation.of(m, Reference.eval(m.outputs(), values), mean);
    return Comparison.of(NAME, e.relative(), BOUND, e.where());
  }
}
