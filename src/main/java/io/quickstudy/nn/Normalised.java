package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model whose images [n, height, width, channels] or vectors [n, columns] are normalised first:
 * each channel or column less its mean, over its deviation. As a part of the model this goes
 * wherever that goes: to measuring, to adapting, into an ONNX file. Channels behind those that have
 * a mean stay as they are.
 *
 * @param of the model as it is chosen
 * @param mean of each channel, of pixels from 0 to 1, or of each column
 * @param deviation of each, above 0
 */
public record Normalised(Architecture of, List<Double> mean, List<Double> deviation)
    implements Architecture {
  /** Means of red, green and blue over ImageNet, as all published weights have them. */
  public static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);

  /** Their deviations. */
  public static final List<Double> IMAGENET_DEVIATION = List.of(0.229, 0.224, 0.225);

  /** Copies the lists. */
  public Normalised {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.size() != deviation.size() || deviation.stream().anyMatch(d -> !(d > 0))) {
      throw new IllegalArgumentException(
          "Examples normalised by means %s and deviations %s: expected one of each for every channel or column, deviations above 0; correct them."
              .formatted(mean, deviation));
    }
  }

  @Override
  public Backbone embedding(Shape example) {
    return new Features(of.embedding(example), this);
  }

  @Override
  public Model network(Shape example, int outputs) {
    return new Network(of.network(example, outputs), this);
  }

  @Override
  public Optional<String> noteOnWeights() {
    return of.noteOnWeights();
  }

  /** Examples as the model sees them. */
  public Tensor of(Tensor x) {
    int channels = x.dim(x.rank() - 1);
    double[] less = new double[channels];
    double[] times = new double[channels];
    for (int c = 0; c < channels; c++) {
      less[c] = c < mean.size() ? mean.get(c) : 0;
      times[c] = c < mean.size() ? 1 / deviation.get(c) : 1;
    }
    Shape of = Shape.of(channels);
    return mul(sub(x, literal(of, less)), literal(of, times));
  }

  /** A model that sees its examples normalised; all else is as it has it. */
  private interface Behind extends Model {
    /** The model. */
    Model f();

    /** What normalises. */
    Normalised by();

    @Override
    default Params init(Init draw) {
      return f().init(draw);
    }

    @Override
    default Pass pass(Params theta, Tensor x, Norm norm) {
      return f().pass(theta, by().of(x), norm);
    }

    @Override
    default Params outputs(Params theta, Tensor x, Norm norm) {
      return f().outputs(theta, by().of(x), norm);
    }

    @Override
    default Optional<String> lastLayer() {
      return f().lastLayer();
    }

    @Override
    default Map<String, Shape> flattened() {
      return f().flattened();
    }
  }

  private record Network(Model f, Normalised by) implements Behind {}

  private record Features(Backbone f, Normalised by) implements Behind, Backbone {
    @Override
    public int features() {
      return f.features();
    }

    @Override
    public Optional<Shape> map() {
      return f.map();
    }
  }
}
