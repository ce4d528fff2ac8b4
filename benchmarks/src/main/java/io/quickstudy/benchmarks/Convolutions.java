package io.quickstudy.benchmarks;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Shapes of convolutions to sweep over. */
final class Convolutions {
  private static final String RESULT = "result";
  private static final long CALL_FLOPS = 2_000_000;
  private static final int MOST_COPIES = 32;
  private static final int[] EXTENTS = {4, 7, 14, 28, 42, 84};
  private static final int[] IMAGES = {1, 5, 25, 75};
  private static final int[][] CHANNELS = {
    {1, 64}, {3, 32}, {16, 16}, {32, 32}, {48, 20}, {64, 64}, {128, 128}, {65, 33}
  };
  private static final int[][] WINDOWS = {{3, 1}, {3, 2}, {1, 1}, {5, 1}};

  /** Longer ones tell nothing new. */
  private static final long MOST_FLOPS = 6_000_000_000L;

  private Convolutions() {}

  /** What is computed. */
  enum Kind {
    /** The result, from images and filters. */
    FORWARD,
    /** The gradient of the images. */
    INPUT,
    /** The gradient of the filters. */
    FILTER
  }

  /**
   * Images [n, extent, extent, c], filters [k, k, c, o], a result of ceil(extent / stride) rows.
   */
  record Case(Kind kind, int n, int extent, int c, int o, int k, int stride) {
    /** Operations, padding counted. */
    long flops() {
      int out = (extent + stride - 1) / stride;
      return 2L * n * out * out * k * k * c * o;
    }

    /**
     * How many of them one program computes, each from numbers of its own: a call from Java costs as
     * much as a convolution of a few pixels, and a training step makes hundreds in one call.
     */
    int copies() {
      return Math.clamp(CALL_FLOPS / flops(), 1, MOST_COPIES);
    }

    /** As words of a command line. */
    List<String> words() {
      String h = Integer.toString(extent);
      return List.of(
          kind.name().toLowerCase(Locale.ROOT),
          Integer.toString(n),
          h,
          h,
          Integer.toString(c),
          Integer.toString(o),
          Integer.toString(k),
          Integer.toString(stride));
    }

    /** Compiled, with the same numbers in place as the other side has. */
    Compiled compile(Engine engine) {
      Window window = Window.same(k, stride, extent, extent);
      int out = window.outH(extent);
      Shape images = Shape.of(n, extent, extent, c);
      Shape filters = Shape.of(k, k, c, o);
      Shape results = Shape.of(n, out, out, o);
      Map<String, Op.Type> inputs = new LinkedHashMap<>();
      for (int i = 0; i < copies(); i++) {
        if (kind != Kind.INPUT) {
          inputs.put("x" + i, new Op.Type(images, DType.F32));
        }
        if (kind != Kind.FILTER) {
          inputs.put("w" + i, new Op.Type(filters, DType.F32));
        }
        if (kind != Kind.FORWARD) {
          inputs.put("y" + i, new Op.Type(results, DType.F32));
        }
      }
      Function f =
          (state, in, residents) -> {
            Params all = Params.empty();
            for (int i = 0; i < copies(); i++) {
              all = all.with(RESULT + i, one(in, i, window));
            }
            return new Function.Result(state, all);
          };
      Compiled compiled =
          engine.compile("convolution", new Signature(Map.of(), inputs, Map.of(), 1, Set.of()), f);
      inputs.forEach((name, t) -> compiled.set(name, numbers(t.shape().size())));
      return compiled;
    }

    private Tensor one(Params in, int i, Window window) {
      return switch (kind) {
        case FORWARD -> Ops.conv(in.get("x" + i), in.get("w" + i), window);
        case INPUT -> Ops.convInputGrad(in.get("y" + i), in.get("w" + i), window, extent, extent);
        case FILTER -> Ops.convFilterGrad(in.get("x" + i), in.get("y" + i), window);
      };
    }
  }

  /**
   * Sixteen values in an order without a period that a sum could cancel; im2col.cpp has the same.
   */
  private static float[] numbers(int size) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (i * 0x9e3779b1 >>> 28) * 0.1f - 0.75f;
    }
    return x;
  }

  /** A checksum of the last result. */
  static double sum(Compiled compiled) {
    double sum = 0;
    float[] r = compiled.output(RESULT + 0).data();
    for (int i = 0; i < r.length; i++) {
      sum += (double) r[i] * (i % 7 - 3);
    }
    return sum;
  }

  /** All of them. */
  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (int extent : EXTENTS) {
      for (int n : IMAGES) {
        for (int[] channels : CHANNELS) {
          for (int[] window : WINDOWS) {
            for (Kind kind : Kind.values()) {
              Case c = new Case(kind, n, extent, channels[0], channels[1], window[0], window[1]);
              if (c.flops() <= MOST_FLOPS) {
                cases.add(c);
              }
            }
          }
        }
      }
    }
    return cases;
  }
}
