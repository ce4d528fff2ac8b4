package io.quickstudy.check;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * A device that is compared with the reference.
 *
 * @param name as in reports
 * @param engine on it
 * @param precision of its convolutions and products
 */
record Device(String name, Engine engine, Precision precision) implements AutoCloseable {
  private static final int DRAWS = 20;
  private static final long DIRECTION_SEED = 4;
  private static final String THETA = "theta";
  private static final String TASK = "task";

  /** Opens one. */
  static Device open(String device, int workers, Precision precision) {
    return new Device(
        device + " " + precision.name().toLowerCase(java.util.Locale.ROOT),
        Engine.open(device, workers, precision),
        precision);
  }

  private double bound() {
    return precision == Precision.TF32 ? Deviation.TF32 : Deviation.FLOAT;
  }

  /**
   * What roundings do to numbers of about 1. Under TF32 no more than those of a 32-bit float: a
   * larger step takes so many operands over the middle between two of TF32 that nothing is steady.
   */
  private double nudge() {
    return precision == Precision.TF32 ? 0x1p-23 : Differences.STEPS[0];
  }

  private Reference.Precision reference() {
    return precision == Precision.TF32 ? Reference.Precision.TF32 : Reference.Precision.DOUBLE;
  }

  /** Its gradient and loss against the reference's. */
  Comparison compare(MetaGradient m, long seed) {
    String what = name + " against the reference";
    OptionalLong steady = steady(m, seed);
    if (steady.isEmpty()) {
      return Comparison.failed(
          what,
          ("in each of %s draws the gradient moves by more than %s where numbers move by %s, so"
                  + " that no roundings can be told from errors; take fewer inner steps or a lower"
                  + " rate")
              .formatted(DRAWS, Comparison.number(bound() / 2), Comparison.number(nudge())));
    }
    Map<Tensor, double[]> values = m.draw(steady.getAsLong());
    try {
      Deviation e =
          Deviation.of(m, Reference.eval(m.outputs(), values, reference()), run(m, values));
      return Comparison.of(what, e.relative(), bound(), e.where());
    } catch (BackendException | IllegalStateException e) {
      return Comparison.failed(what, e.getMessage());
    }
  }

  /**
   * The first seed from there on whose tasks put no ReLU or pooling window so near its kink that
   * rounding decides: a step by as much as roundings do hardly changes the gradient.
   */
  private OptionalLong steady(MetaGradient m, long seed) {
    SplittableRandom random = new SplittableRandom(DIRECTION_SEED);
    for (long s = seed; s < seed + DRAWS; s++) {
      Map<Tensor, double[]> values = m.draw(s);
      Map<Tensor, double[]> direction = new LinkedHashMap<>();
      values.forEach(
          (t, x) -> {
            if (t.dtype() == DType.F32) {
              direction.put(t, random.doubles(x.length, -1, 1).toArray());
            }
          });
      Map<Tensor, double[]> here = Reference.eval(m.outputs(), values, reference());
      boolean steady = true;
      for (double step : new double[] {nudge(), -nudge()}) {
        Map<Tensor, double[]> there =
            Reference.eval(m.outputs(), Differences.moved(values, direction, step), reference());
        Deviation d = Deviation.of(m, here, m.outputs().stream().map(there::get).toList());
        steady = steady && d.relative() <= bound() / 2;
      }
      if (steady) {
        return OptionalLong.of(s);
      }
    }
    return OptionalLong.empty();
  }

  /** What it computes, cut along the tasks as in training. */
  List<double[]> run(MetaGradient m, Map<Tensor, double[]> values) {
    Params inputs = m.theta().under(THETA).with(m.tasks().under(TASK));
    Map<String, Op.Type> types = Signature.types(inputs);
    Signature signature =
        new Signature(Map.of(), types, Map.of(), m.count(), m.tasks().under(TASK).names());
    Function f =
        (state, in, residents) -> {
          MetaGradient.Traced t = m.trace(in.sub(THETA), in.sub(TASK));
          return new Function.Result(Params.empty(), Params.of(t.outputs()));
        };
    try (Compiled c = engine.compile("check of " + m.subject().name(), signature, f)) {
      for (String n : inputs.names()) {
        double[] x = values.get(inputs.get(n));
        if (types.get(n).dtype() == DType.I32) {
          c.set(n, Arrays.stream(x).mapToInt(v -> (int) v).toArray());
        } else {
          c.set(n, floats(x));
        }
      }
      c.run();
      List<double[]> out = new ArrayList<>();
      c.outputs().forEach(n -> out.add(doubles(c.output(n).data())));
      return out;
    }
  }

  private static float[] floats(double[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) x[i];
    }
    return y;
  }

  private static double[] doubles(float[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i];
    }
    return y;
  }

  @Override
  public void close() {
    engine.close();
  }
}
