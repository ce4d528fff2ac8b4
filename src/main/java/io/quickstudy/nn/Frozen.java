package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model that is not trained any more, and what is trained upon its features. It passes by its
 * running statistics, whoever asks, and no gradient goes into it: so that features of an image are
 * always the same, and may be computed once. Where a pass is given vectors in place of images [n,
 * height, width, channels], they are such features [n, d] already.
 *
 * <p>Its parameters are "frozen.*", with the names of the model, "frozen.mean" [d], which features
 * are taken less, and "frozen.scale" [], by which they are multiplied then; those of what is
 * trained are "top.*". Neither optimiser nor inner loop moves what is frozen: to them these are
 * buffers, as running statistics are.
 *
 * @param of the model, with its weights from elsewhere
 * @param top what is trained upon it
 */
public record Frozen(Architecture of, Top top) implements Architecture {
  /** What stands before the names of what is frozen. */
  public static final String PREFIX = "frozen";

  /** The name of the features' scale behind {@link #PREFIX}. */
  public static final String SCALE = "scale";

  /** The name of the features' mean behind {@link #PREFIX}. */
  public static final String MEAN = "mean";

  private static final String TOP = "top";

  /** What is trained upon the features. */
  public enum Top {
    /** Nothing: a learner has them as they are. */
    FEATURES,
    /** A linear layer to as many numbers, which begins as the identity. */
    LINEAR,
    /** Two linear layers with ReLU between them, to as many numbers. */
    MLP
  }

  /** Whether a parameter is one that is frozen. */
  public static boolean holds(String name) {
    return name.startsWith(PREFIX + ".") || name.contains("." + PREFIX + ".");
  }

  @Override
  public Features embedding(Shape example) {
    return new Features(of.embedding(example), top);
  }

  @Override
  public Optional<String> noteOnWeights() {
    return of.noteOnWeights();
  }

  /**
   * The features of images, and what is trained upon them.
   *
   * @param f images to features
   * @param top what is trained
   */
  public record Features(Backbone f, Top top) implements Backbone {
    @Override
    public int features() {
      return f.features();
    }

    private Mlp layers() {
      int d = features();
      return new Mlp(List.of(d, d, d));
    }

    @Override
    public Params init(Init draw) {
      int d = features();
      Params shift = Params.of(MEAN, fill(0, Shape.of(d)), SCALE, scalar(1));
      Params frozen = f.init(draw).with(shift).under(PREFIX);
      Params trained =
          switch (top) {
            case FEATURES -> Params.empty();
            case LINEAR ->
                Params.of("weight", diagonal(Shape.of(d, d)), "bias", fill(0, Shape.of(d)));
            case MLP -> layers().init(draw);
          };
      return frozen.with(trained.under(TOP));
    }

    /**
     * The features of images.
     *
     * @param frozen what is frozen, by the names of the model
     * @param images [n, height, width, channels]
     */
    public Tensor of(Params frozen, Tensor images) {
      Tensor z = f.apply(frozen, images, Norm.given(frozen));
      return stop(mul(sub(z, frozen.get(MEAN)), frozen.get(SCALE)));
    }

    @Override
    public Pass pass(Params theta, Tensor x, Norm norm) {
      Tensor z = x.rank() == 2 ? x : of(theta.sub(PREFIX), x);
      Params trained = theta.sub(TOP);
      Tensor y =
          switch (top) {
            case FEATURES -> z;
            case LINEAR -> new Linear(features(), features()).apply(trained, z, norm);
            case MLP -> layers().apply(trained, z, norm);
          };
      return new Pass(y, Params.empty());
    }

    @Override
    public Map<String, Shape> flattened() {
      Map<String, Shape> m = new LinkedHashMap<>();
      f.flattened().forEach((n, s) -> m.put(PREFIX + "." + n, s));
      return m;
    }
  }
}
