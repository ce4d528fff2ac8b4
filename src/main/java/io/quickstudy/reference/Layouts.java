package io.quickstudy.reference;

import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Tensor;
import java.util.Arrays;
import java.util.List;

/** Ops that move, repeat or reduce numbers along axes. */
final class Layouts {
  private Layouts() {}

  static double[] iota(Leaf.Iota op) {
    double[] y = new double[op.shape().size()];
    int[] count = new int[op.shape().rank()];
    count[op.axis()] = 1;
    Walk.over(op.shape().dims(), 0, op.shape().strides(), 0, count, (at, i) -> y[at] = i);
    return y;
  }

  static double[] sum(Tensor t, List<Integer> axes, double[] x) {
    double[] y = new double[t.shape().size()];
    int[] dims = t.input(0).shape().dims();
    int[] from = t.input(0).shape().strides();
    Walk.over(dims, 0, from, 0, Walk.strides(dims, axes), (a, b) -> y[b] += x[a]);
    return y;
  }

  static double[] max(Tensor t, List<Integer> axes, double[] x) {
    double[] y = new double[t.shape().size()];
    Arrays.fill(y, Double.NEGATIVE_INFINITY);
    int[] dims = t.input(0).shape().dims();
    int[] from = t.input(0).shape().strides();
    Walk.over(dims, 0, from, 0, Walk.strides(dims, axes), (a, b) -> y[b] = Math.max(y[b], x[a]));
    return y;
  }

  static double[] broadcast(Tensor t, Layout.Broadcast op, double[] x) {
    double[] y = new double[t.shape().size()];
    int[] dims = t.shape().dims();
    int[] from = Walk.strides(dims, op.axes());
    Walk.over(dims, 0, from, 0, t.shape().strides(), (a, b) -> y[b] = x[a]);
    return y;
  }

  static double[] transpose(Tensor t, Layout.Transpose op, double[] x) {
    double[] y = new double[t.shape().size()];
    int[] strides = t.input(0).shape().strides();
    int[] from = op.perm().stream().mapToInt(p -> strides[p]).toArray();
    Walk.over(t.shape().dims(), 0, from, 0, t.shape().strides(), (a, b) -> y[b] = x[a]);
    return y;
  }

  static double[] slice(Tensor t, Layout.Slice op, double[] x) {
    double[] y = new double[t.shape().size()];
    int[] from = t.input(0).shape().strides();
    int start = 0;
    for (int i = 0; i < from.length; i++) {
      start += op.starts().get(i) * from[i];
      from[i] *= op.steps().get(i);
    }
    Walk.over(t.shape().dims(), start, from, 0, t.shape().strides(), (a, b) -> y[b] = x[a]);
    return y;
  }

  static double[] pad(Tensor t, Layout.Pad op, double[] x) {
    double[] y = new double[t.shape().size()];
    int[] to = t.shape().strides();
    int start = 0;
    for (int i = 0; i < to.length; i++) {
      start += op.low().get(i) * to[i];
      to[i] *= op.interior().get(i) + 1;
    }
    int[] dims = t.input(0).shape().dims();
    Walk.over(dims, 0, t.input(0).shape().strides(), start, to, (a, b) -> y[b] = x[a]);
    return y;
  }

  static double[] concatenate(Tensor t, Layout.Concatenate op, List<double[]> x) {
    double[] y = new double[t.shape().size()];
    int[] to = t.shape().strides();
    int start = 0;
    for (int i = 0; i < x.size(); i++) {
      double[] part = x.get(i);
      int[] dims = t.input(i).shape().dims();
      Walk.over(dims, 0, t.input(i).shape().strides(), start, to, (a, b) -> y[b] = part[a]);
      start += dims[op.axis()] * to[op.axis()];
    }
    return y;
  }
}
