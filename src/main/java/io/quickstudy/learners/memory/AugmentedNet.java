package io.quickstudy.learners.memory;

import static io.quickstudy.functions.Losses.relu;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.nn.Init;
import io.quickstudy.transform.Params;
import java.util.Optional;
import java.util.function.BinaryOperator;

/**
 * A network with slow weights and, beside them in every layer, fast ones: layer augmentation
 * (Munkhdalai and Yu 2017, section 3.3 and figure 2). A layer's output is what the slow weights
 * make of its input and what the fast ones make of it, each behind its own ReLU, added up. Blocks
 * of a 3x3 convolution and 2x2 pooling while there is something to pool, then two dense layers; no
 * biases and no batch normalisation, as in the released code.
 *
 * <p>Parameters "convI.weight" [3, 3, C, O], "dense.weight" [map, features], "output.weight"
 * [features, outputs].
 *
 * @param example the shape of an image
 * @param filters of every block
 * @param blocks how many
 * @param features of the dense layer
 * @param outputs classes
 */
record AugmentedNet(Shape example, int filters, int blocks, int features, int outputs) {
  /** The last layer, which makes logits. */
  static final String OUTPUT = "output.weight";

  private static final String DENSE = "dense.weight";

  /** Whether weights are those of a convolution. */
  static boolean isConvolution(String name) {
    return name.startsWith("conv");
  }

  /** How large an extent is behind all blocks. */
  private int behind(int extent, int other) {
    int e = extent;
    int o = other;
    for (int i = 0; i < blocks && Math.min(e, o) >= 2; i++) {
      e /= 2;
      o /= 2;
    }
    return e;
  }

  /** How many numbers the last block's map has. */
  private int map() {
    int h = example.dim(0);
    int w = example.dim(1);
    return behind(h, w) * behind(w, h) * filters;
  }

  /**
   * Slow weights, normal with variance 2 / inputs before a ReLU. Those of the logits are smaller,
   * so that the first loss is near that of chance.
   */
  Params init(Init draw) {
    Params p = Params.empty();
    for (int i = 1; i <= blocks; i++) {
      int in = i == 1 ? example.dim(2) : filters;
      Shape s = Shape.of(3, 3, in, filters);
      p = p.with("conv" + i + ".weight", draw.normal(s, Math.sqrt(2.0 / (9 * in))));
    }
    return p.with(DENSE, draw.normal(Shape.of(map(), features), Math.sqrt(2.0 / map())))
        .with(OUTPUT, draw.normal(Shape.of(features, outputs), Math.sqrt(0.25 / features)));
  }

  /** What the blocks make of images [n, ...]: [n, map]. */
  private Tensor blocks(Params slow, Optional<Params> fast, Tensor x) {
    Tensor z = x;
    for (int i = 1; i <= blocks; i++) {
      Window window = Window.same(3, 1, z.dim(1), z.dim(2));
      z = layer(slow, fast, "conv" + i + ".weight", z, (in, w) -> relu(conv(in, w, window)));
      if (Math.min(z.dim(1), z.dim(2)) >= 2) {
        z = maxPool(z, Window.square(2, 2, 0));
      }
    }
    return reshape(z, Shape.of(x.dim(0), map()));
  }

  /** One layer by slow weights, and by fast ones where there are such. */
  private static Tensor layer(
      Params slow, Optional<Params> fast, String name, Tensor x, BinaryOperator<Tensor> f) {
    Tensor y = f.apply(x, slow.get(name));
    return fast.map(p -> add(y, f.apply(x, p.get(name)))).orElse(y);
  }

  /** The representation of images [n, ...], before any ReLU: [n, features]. */
  Tensor embed(Params slow, Optional<Params> fast, Tensor x) {
    return layer(slow, fast, DENSE, blocks(slow, fast, x), (z, w) -> dot(z, w));
  }

  /** Logits of images [n, ...]: [n, outputs]. */
  Tensor logits(Params slow, Optional<Params> fast, Tensor x) {
    Tensor z = layer(slow, fast, DENSE, blocks(slow, fast, x), (in, w) -> relu(dot(in, w)));
    return layer(slow, fast, OUTPUT, z, (in, w) -> dot(in, w));
  }
}
