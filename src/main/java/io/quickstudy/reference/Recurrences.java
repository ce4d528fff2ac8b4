package io.quickstudy.reference;

import io.quickstudy.graph.Body;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Loops over steps, task by task. */
final class Recurrences {
  private Recurrences() {}

  static double[] run(Recurrence op, Tensor t, List<double[]> x, Reference.Precision precision) {
    double[] y = new double[t.shape().size()];
    int one = y.length / op.tasks();
    for (int task = 0; task < op.tasks(); task++) {
      double[][] own = new double[x.size()][];
      for (int i = 0; i < own.length; i++) {
        int size = op.inputShape(i).size();
        int parts = op.levels(i).stream().mapToInt(op.extents()::get).reduce(1, (a, b) -> a * b);
        int at = number(op, i, task) * (size / parts);
        own[i] = Arrays.copyOfRange(x.get(i), at, at + size / parts);
      }
      System.arraycopy(task(op, own, one, precision), 0, y, task * one, one);
    }
    return y;
  }

  /** Which of an input's parts a task reads: its own, of the task axes that the input has. */
  private static int number(Recurrence op, int input, int task) {
    int rest = task;
    int at = 0;
    int stride = 1;
    for (int l = op.extents().size() - 1; l >= 0; l--) {
      int n = op.extents().get(l);
      if (op.mapped().get(l).get(input)) {
        at += rest % n * stride;
        stride *= n;
      }
      rest /= n;
    }
    return at;
  }

  private static double[] task(
      Recurrence op, double[][] x, int size, Reference.Precision precision) {
    Body b = op.body();
    List<Tensor> slots = b.slots();
    List<Tensor> results = b.results();
    List<Recurrence.Place> places = op.places();
    int carries = b.carries().size();
    int firstSum = carries + b.stacked().size();
    double[] y = new double[size];
    double[][] carry = Arrays.copyOf(x, carries);
    for (int t : op.order()) {
      Map<Tensor, double[]> values = new HashMap<>();
      for (int i = 0; i < x.length; i++) {
        int n = slots.get(i).shape().size();
        boolean sliced = i >= carries && i < carries + b.slices().size();
        values.put(
            slots.get(i),
            i < carries ? carry[i] : sliced ? Arrays.copyOfRange(x[i], t * n, (t + 1) * n) : x[i]);
      }
      Map<Tensor, double[]> out = Reference.eval(results, values, precision);
      for (int i = 0; i < results.size(); i++) {
        double[] v = out.get(results.get(i));
        int at = places.get(i).from();
        if (i < carries) {
          carry[i] = v;
          System.arraycopy(v, 0, y, at, v.length);
        } else if (i < firstSum) {
          System.arraycopy(v, 0, y, at + t * v.length, v.length);
        } else {
          for (int k = 0; k < v.length; k++) {
            double sum = y[at + k] + v[k];
            y[at + k] = precision == Reference.Precision.ROUNDED ? (float) sum : sum;
          }
        }
      }
    }
    return y;
  }
}
