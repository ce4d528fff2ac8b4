package io.quickstudy.nn;

import static io.quickstudy.functions.Normalisation.batchNorm;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Normalisation.Moments;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.transform.Params;

/**
 * One pass through a deep network, layer by layer, and the statistics that it has seen on the way.
 * Layers are given by the names of their parameters.
 */
final class Layers {
  private final Params theta;
  private final Norm norm;
  private Params seen = Params.empty();

  /** A pass under parameters, with whose statistics. */
  Layers(Params theta, Norm norm) {
    this.theta = theta;
    this.norm = norm;
  }

  /** A convolution without bias: "NAME.weight" [KH, KW, C, O]. */
  Tensor conv(String name, Tensor x, Window w) {
    return io.quickstudy.graph.Ops.conv(x, theta.get(name + ".weight"), w);
  }

  /** Batch normalisation: "NAME.weight", "NAME.bias" and the statistics, [C]. */
  Tensor norm(String name, Tensor x) {
    Moments by = norm.moments(name, x);
    seen = seen.with(Norm.pack(name, by));
    return batchNorm(x, by, theta.get(name + ".weight"), theta.get(name + ".bias"));
  }

  /** The statistics of every {@link #norm} so far. */
  Params seen() {
    return seen;
  }

  /** Parameters of a {@link #conv}. */
  static Params conv(Init draw, String name, int size, int in, int out) {
    return Params.of(name + ".weight", draw.he(Shape.of(size, size, in, out)));
  }

  /** Parameters of a {@link #norm}, which multiplies by gamma at first. */
  static Params norm(String name, int channels, double gamma) {
    Shape c = Shape.of(channels);
    return Params.of(name + ".weight", fill(gamma, c), name + ".bias", fill(0, c))
        .with(Norm.pack(name, new Moments(fill(0, c), fill(1, c))));
  }

  /** Refuses images of another shape than a network is built for. */
  static void check(Tensor x, Shape example) {
    if (x.rank() != 4 || !x.shape().sub(1, 4).equals(example)) {
      throw new IllegalArgumentException(
          "images %s; this network expects [n, %s, %s, %s]: resize them or build it for their size"
              .formatted(x.shape(), example.dim(0), example.dim(1), example.dim(2)));
    }
  }
}
