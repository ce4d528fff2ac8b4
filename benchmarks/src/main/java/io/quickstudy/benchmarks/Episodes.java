package io.quickstudy.benchmarks;

import io.quickstudy.backend.Precision;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.runtime.Engine;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Parameters and episodes to measure with: drawn, the same on every machine. */
final class Episodes {
  private static final long SEED = 20261120;
  private static final float NOISE = 0.3f;
  private static final float THRESHOLD = 0.9f;

  private Episodes() {}

  /** All that a workload is timed with. */
  static CaseFile of(Workload w) {
    return of(w, w.size(), 0);
  }

  /** A small case of it, one of many. */
  static CaseFile small(Workload w, int number) {
    return of(w, w.small(), number);
  }

  /** As much of it as is asked for. */
  static CaseFile of(Workload w, Workload.Size size) {
    return of(w, size, 0);
  }

  private static CaseFile of(Workload w, Workload.Size size, int number) {
    Map<String, Values> values = new LinkedHashMap<>();
    try (Engine engine = Engine.open("cpu", 1, Precision.FP32)) {
      boolean buffers = w.learner().norm() == Norm.Policy.RUNNING; // else nobody reads them
      Params theta = w.learner().init(new Init(SEED));
      engine
          .evaluate(theta)
          .forEach(
              (n, a) -> {
                if (buffers || !Norm.isBuffer(n)) {
                  values.put(Workload.THETA + n, new Values.F32(a.shape(), a.data()));
                }
              });
    }
    Random random = new Random(SEED + number);
    if (w.net() == Net.MLP) {
      sinusoids(w.inputs(size), random, values);
    } else {
      images(w.inputs(size), w.ways(), random, values);
    }
    return new CaseFile(values, w.metadata());
  }

  /** Black and white as drawings are: each example its class's with some noise; labels go round. */
  private static void images(
      Map<String, Op.Type> inputs, int ways, Random random, Map<String, Values> values) {
    Shape any = inputs.values().iterator().next().shape();
    int pixels = any.sub(2, any.rank()).size();
    float[][] classes = new float[any.dim(0) * ways][pixels];
    for (float[] image : classes) {
      for (int i = 0; i < pixels; i++) {
        image[i] = random.nextFloat();
      }
    }
    inputs.forEach(
        (name, type) -> {
          if (type.dtype() == DType.I32) {
            return; // with their images
          }
          Shape shape = type.shape();
          float[] x = new float[shape.size()];
          int[] y = new int[shape.dim(0) * shape.dim(1)];
          for (int n = 0; n < y.length; n++) {
            y[n] = n % shape.dim(1) % ways;
            float[] image = classes[n / shape.dim(1) * ways + y[n]];
            for (int i = 0; i < pixels; i++) {
              x[n * pixels + i] = image[i] + NOISE * random.nextFloat() > THRESHOLD ? 1 : 0;
            }
          }
          String labels = name.substring(0, name.length() - 1) + "y";
          values.put(name, new Values.F32(shape, x));
          values.put(labels, new Values.I32(shape.sub(0, 2), y));
        });
  }

  /** Amplitudes 0.1 to 5, phases 0 to pi, x from -5 to 5, as in the MAML paper. */
  private static void sinusoids(
      Map<String, Op.Type> inputs, Random random, Map<String, Values> values) {
    int tasks = inputs.get("query.x").shape().dim(0);
    float[] amplitude = new float[tasks];
    float[] phase = new float[tasks];
    for (int t = 0; t < tasks; t++) {
      amplitude[t] = 0.1f + 4.9f * random.nextFloat();
      phase[t] = (float) Math.PI * random.nextFloat();
    }
    for (String set : List.of("support.", "query.")) {
      Shape shape = inputs.get(set + "x").shape();
      float[] x = new float[shape.size()];
      float[] y = new float[shape.size()];
      for (int i = 0; i < x.length; i++) {
        int t = i / shape.dim(1);
        x[i] = 10 * random.nextFloat() - 5;
        y[i] = amplitude[t] * (float) Math.sin(x[i] - phase[t]);
      }
      values.put(set + "x", new Values.F32(shape, x));
      values.put(set + "y", new Values.F32(shape, y));
    }
  }
}
