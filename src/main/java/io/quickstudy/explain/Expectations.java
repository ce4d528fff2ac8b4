package io.quickstudy.explain;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.runtime.Array;
import io.quickstudy.task.Task;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Session;
import io.quickstudy.train.TaskMeans;
import io.quickstudy.train.TaskValues;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Simplifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Expectations over some tasks: of A and B, and of the directions at an inner rate. */
interface Expectations extends AutoCloseable {
  /** What {@link TwoBatches#gradient} gives, before a parameter's name. */
  String A = "a";

  /** What {@link TwoBatches#inner} gives, likewise. */
  String B = "b";

  /** A and B, by name. */
  Map<String, double[]> terms();

  /** The directions by name, behind that of the {@link Method}. */
  Map<String, double[]> directions(double alpha);

  /** The rate nearest to one that can be taken. */
  double rate(double alpha);

  @Override
  void close();

  /** On the session's device, in 32 bits. */
  static Expectations onDevice(
      Session session,
      EvalSpec spec,
      Map<String, Array> theta,
      TaskMeans.Each terms,
      TaskMeans.Each directions) {
    TaskMeans ab = new TaskMeans(session, spec, theta, terms);
    TaskMeans d;
    try {
      d = new TaskMeans(session, spec, theta, directions);
    } catch (RuntimeException | Error e) {
      ab.close();
      throw e;
    }
    return new Expectations() {
      @Override
      public Map<String, double[]> terms() {
        return ab.at(0);
      }

      @Override
      public Map<String, double[]> directions(double alpha) {
        return d.at(alpha);
      }

      @Override
      public double rate(double alpha) {
        return (float) alpha;
      }

      @Override
      public void close() {
        ab.close();
        d.close();
      }
    };
  }

  /** By the reference, in double precision: slowly, for small networks. */
  static Expectations inDouble(
      Session session,
      EvalSpec spec,
      Map<String, Array> theta,
      TaskMeans.Each terms,
      TaskMeans.Each directions) {
    TaskValues tasks = TaskValues.of(session, spec);
    InDouble ab = new InDouble(theta, tasks, terms);
    InDouble d = new InDouble(theta, tasks, directions);
    return new Expectations() {
      @Override
      public Map<String, double[]> terms() {
        return ab.at(0);
      }

      @Override
      public Map<String, double[]> directions(double alpha) {
        return d.at(alpha);
      }

      @Override
      public double rate(double alpha) {
        return alpha;
      }

      @Override
      public void close() {}
    };
  }

  /** The mean over tasks of a function of one, as a graph of placeholders. */
  final class InDouble {
    private final TaskValues tasks;
    private final Map<Tensor, double[]> theta = new LinkedHashMap<>();
    private final Tensor number = Tensor.argument("number", DType.F32, Shape.of());
    private final Map<String, Tensor> task = new LinkedHashMap<>();
    private final Map<String, Tensor> outputs = new LinkedHashMap<>();

    InDouble(Map<String, Array> theta, TaskValues tasks, TaskMeans.Each each) {
      this.tasks = tasks;
      Map<String, Tensor> p = new LinkedHashMap<>();
      theta.forEach(
          (n, a) -> {
            Tensor t = Tensor.argument(n, DType.F32, a.shape());
            p.put(n, t);
            this.theta.put(t, doubles(a.data()));
          });
      tasks.types().forEach((n, t) -> task.put(n, Tensor.argument(n, t.dtype(), t.shape())));
      Params y = each.of(Params.of(p), number, Task.unpack(Params.of(task)));
      List<Tensor> simple = Simplifier.simplify(new ArrayList<>(y.values()));
      for (String n : y.names()) {
        outputs.put(n, simple.get(outputs.size()));
      }
    }

    private static double[] doubles(float[] x) {
      double[] y = new double[x.length];
      java.util.Arrays.setAll(y, i -> x[i]);
      return y;
    }

    Map<String, double[]> at(double value) {
      Map<String, double[]> mean = new LinkedHashMap<>();
      Map<Tensor, double[]> values = new LinkedHashMap<>(theta);
      values.put(number, new double[] {value});
      for (Map<String, double[]> t : tasks.tasks()) {
        t.forEach((n, v) -> values.put(task.get(n), v));
        Map<Tensor, double[]> y = Reference.eval(outputs.values(), values);
        outputs.forEach(
            (n, of) -> {
              double[] v = y.get(of);
              double[] m = mean.computeIfAbsent(n, k -> new double[v.length]);
              for (int i = 0; i < v.length; i++) {
                m[i] += v[i] / tasks.tasks().size();
              }
            });
      }
      return mean;
    }
  }
}
