package io.quickstudy.learners.gradient;

import static io.quickstudy.graph.Ops.add;
import static io.quickstudy.graph.Ops.concatenate;
import static io.quickstudy.graph.Ops.expand;
import static io.quickstudy.graph.Ops.fill;
import static io.quickstudy.graph.Ops.mul;
import static io.quickstudy.graph.Ops.reshape;
import static io.quickstudy.graph.Ops.slice;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.transform.Params;
import java.util.List;

/**
 * How a network sees context parameters phi [c] (Zintgraf et al. 2019, section 3): what they make
 * of its parameters and of its input. The network itself is any.
 */
public sealed interface Conditioning {
  /** How many numbers phi has. */
  int size();

  /** Parameters of the conditioning itself, beside the network's. */
  default Params init(Init draw) {
    return Params.empty();
  }

  /** The network's parameters under phi. */
  default Params parameters(Params theta, Tensor phi) {
    return theta;
  }

  /** The network's input under phi. */
  default Tensor input(Tensor x, Tensor phi) {
    return x;
  }

  /**
   * Further numbers of every input: [n, d] becomes [n, d + c]. Further channels of an image, each
   * the same everywhere.
   *
   * @param size c
   */
  record Input(int size) implements Conditioning {
    /** The shape of the examples that the network sees. */
    static Shape widened(Shape example, int size) {
      int last = example.rank() - 1;
      return example.sub(0, last).append(example.dim(last) + size);
    }

    @Override
    public Tensor input(Tensor x, Tensor phi) {
      Shape same = x.shape().sub(0, x.rank() - 1).append(size);
      return concatenate(x.rank() - 1, x, expand(phi, same));
    }
  }

  /**
   * FiLM (Perez et al. 2018): behind a layer, map h becomes gamma h + beta, where (gamma, beta) are
   * a linear layer of phi. For what a layer makes, w z + b, that is gamma w z + (gamma b + beta):
   * the same layer with other weights, and so it is computed. Parameters "film.weight" [c, 2m] and
   * "film.bias" [2m], which starts as gamma 1 and beta 0.
   *
   * @param size c
   * @param layer its name: that of a "weight" [..., m] and a "bias" [m]
   * @param maps m
   */
  record Film(int size, String layer, int maps) implements Conditioning {
    private static final String FILM = "film";
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    /** How far from the end the usual layer is: before a fourth block and a classifier. */
    private static final int FROM_END = 3;

    /**
     * Behind a layer of a network.
     *
     * @param layer its name; nothing for the third from behind, which of four blocks and a
     *     classifier is the third block
     * @throws IllegalArgumentException one sentence, if there is no such layer
     */
    public static Film behind(Model f, String layer, int size) {
      Params p = f.init(new Init(0));
      List<String> layers = layers(p);
      String name =
          layer.isEmpty() && !layers.isEmpty()
              ? layers.get(Math.max(0, layers.size() - FROM_END))
              : layer;
      if (!layers.contains(name)) {
        throw new IllegalArgumentException(
            "Option --film-layer is '%s': expected a layer with a weight and a bias, one of %s; change it or take --context-in input."
                .formatted(layer, layers));
      }
      return new Film(size, name, p.get(name + BIAS).dim(0));
    }

    /** The layers of a network that have a weight and, behind all else, a bias. */
    private static List<String> layers(Params p) {
      return p.names().stream()
          .filter(n -> n.endsWith(BIAS) && !Norm.isBuffer(n))
          .map(n -> n.substring(0, n.length() - BIAS.length()))
          .filter(n -> p.names().contains(n + WEIGHT))
          .filter(n -> p.get(n + WEIGHT).dim(-1) == p.get(n + BIAS).dim(0))
          .toList();
    }

    @Override
    public Params init(Init draw) {
      Tensor start = concatenate(0, fill(1, Shape.of(maps)), fill(0, Shape.of(maps)));
      return new Linear(size, 2 * maps).init(draw).with("bias", start).under(FILM);
    }

    @Override
    public Params parameters(Params theta, Tensor phi) {
      Tensor row = reshape(phi, Shape.of(1, size));
      Tensor both = new Linear(size, 2 * maps).apply(theta.sub(FILM), row, Norm.batch());
      Tensor flat = reshape(both, Shape.of(2 * maps));
      Tensor gamma = slice(flat, 0, 0, maps);
      Tensor beta = slice(flat, 0, maps, 2 * maps);
      return theta
          .with(layer + WEIGHT, mul(theta.get(layer + WEIGHT), gamma))
          .with(layer + BIAS, add(mul(gamma, theta.get(layer + BIAS)), beta));
    }
  }
}
