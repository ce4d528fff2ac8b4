package io.quickstudy.exchange.onnx;

import static io.quickstudy.graph.Ops.literal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.backend.Precision;
import io.quickstudy.data.Attributes;
import io.quickstudy.data.Framing;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.task.Batch;
import io.quickstudy.train.SystemInfo;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run learned, as an ONNX file: the network alone, or with the classes of a support set. The
 * first axis of all inputs and outputs is the batch, of any size. Images are "images" [n, c, h, w],
 * from 0 for background to 1 for ink, all else is "x" [n, numbers].
 */
public final class OnnxExport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SUPPORT_X = "support.x";
  private static final String SUPPORT_Y = "support.y";
  private static final String IMAGES = "images";
  private static final String LOGITS = "logits";

  private OnnxExport() {}

  /**
   * Labelled examples to adapt to.
   *
   * @param x examples [n, height, width, channels] or [n, d], or descriptions of classes
   * @param y targets [n, d], or class numbers [n]
   * @param classes the names of the classes; empty for values
   */
  public record Examples(Array x, Array y, List<String> classes) {
    /** Copies the names. */
    public Examples {
      classes = List.copyOf(classes);
    }

    /** How many. */
    public int count() {
      return x.shape().dim(0);
    }

    /** Descriptions of classes, one of each. */
    public static Examples ofAttributes(Attributes a) {
      int n = a.classes().size();
      float[] y = new float[n];
      for (int i = 0; i < n; i++) {
        y[i] = i;
      }
      return new Examples(
          new Array(Shape.of(n, a.names().size()), a.values()),
          new Array(Shape.of(n), y),
          a.classes());
    }

    /**
     * Rows of numbers.
     *
     * @param rows all as long
     * @param labels the number of each one's class
     */
    public static Examples ofRows(List<float[]> rows, List<Integer> labels, List<String> classes) {
      int width = rows.getFirst().length;
      float[] x = new float[rows.size() * width];
      float[] y = new float[rows.size()];
      for (int i = 0; i < y.length; i++) {
        System.arraycopy(rows.get(i), 0, x, i * width, width);
        y[i] = labels.get(i);
      }
      return new Examples(
          new Array(Shape.of(y.length, width), x), new Array(Shape.of(y.length), y), classes);
    }

    /**
     * Images.
     *
     * @param images unsigned bytes, each [height, width, channels]
     * @param shape that shape
     * @param labels the number of each one's class
     */
    public static Examples ofImages(
        List<byte[]> images, Shape shape, List<Integer> labels, List<String> classes) {
      float[] x = new float[images.size() * shape.size()];
      float[] y = new float[images.size()];
      for (int i = 0; i < images.size(); i++) {
        y[i] = labels.get(i);
        for (int k = 0; k < shape.size(); k++) {
          x[i * shape.size() + k] = (images.get(i)[k] & 255) / 255f;
        }
      }
      return new Examples(
          new Array(shape.prepend(images.size()), x), new Array(Shape.of(y.length), y), classes);
    }
  }

  /**
   * A file.
   *
   * @param bytes of it
   * @param outputs their extents by name, of which -1 is the batch
   * @param operators how many there are, by name
   */
  public record OnnxFile(
      byte[] bytes, Map<String, List<Long>> outputs, Map<String, Integer> operators) {}

  /**
   * The network that a run trained: "features" [n, d] and, where it has a head, its outputs at the
   * meta-learned start, "logits" [n, ways] or "y" [n, d].
   *
   * @param step of the checkpoint
   * @throws ConfigException if the learner has no such network
   * @throws RunException if there is no counterpart in ONNX
   */
  public static OnnxFile backbone(RunConfig c, Map<String, Array> theta, int step) {
    Learner learner = Components.trained(c, 0);
    Map<String, String> about = about(c, step);
    boolean running = c.network().batchNorm() == Norm.Policy.RUNNING;
    about.put("norm", running ? "running" : normOf(c, "transductive"));
    Traced.Body body =
        (constants, x) -> {
          Norm norm = running ? Norm.given(constants) : Norm.batch();
          return network(c, learner, constants, x, norm);
        };
    return write(c, theta, about, "the network of", body);
  }

  /** What to know about a run's models in other programs; often nothing. */
  public static Optional<String> advice(RunConfig c) {
    return c.network().batchNorm() == Norm.Policy.TRANSDUCTIVE
        ? Optional.of(
            "note: batch norm 'transductive' takes the statistics of the images that come together,"
                + " so that answers depend on the batch")
        : Optional.empty();
  }

  private static String normOf(RunConfig c, String otherwise) {
    return c.network().batchNorm() == Norm.Policy.NONE ? "none" : otherwise;
  }

  private static Params network(RunConfig c, Learner learner, Params theta, Tensor x, Norm norm) {
    Params found = learner.network(theta, x, norm);
    if (found.count() == 0) {
      throw new ConfigException(
          "Learner '%s' has no network of single inputs: expected one such as protonet or maml; add --support DIR to export it adapted to classes."
              .formatted(c.learner()));
    }
    Params named = Params.empty();
    for (String n : found.names()) {
      String name = n.equals(Model.OUTPUTS) ? c.classifies() ? LOGITS : "y" : n;
      named = named.with(name, found.get(n));
    }
    return named;
  }

  /**
   * The learner adapted to a support set: "logits" and "probabilities" [n, classes] with the
   * classes' names in the metadata, or "y" [n, d].
   *
   * @param options of the learner
   * @throws RunException if there is no counterpart in ONNX
   */
  public static OnnxFile adapted(
      RunConfig c, Map<String, Array> theta, int step, Examples support, Record options) {
    return adapted(c, theta, step, support, options, 1);
  }

  /**
   * As {@link #adapted(RunConfig, Map, int, Examples, Record)}, with a temperature that logits are
   * divided by before they become probabilities; it is in the metadata.
   */
  public static OnnxFile adapted(
      RunConfig c,
      Map<String, Array> theta,
      int step,
      Examples support,
      Record options,
      double temperature) {
    int ways = c.classifies() ? support.classes().size() : c.tasks().ways();
    Learner learner = Components.measured(c, ways, options, 0);
    Map<String, String> about = about(c, step);
    about.put("norm", Values.format(c.network().batchNorm()));
    if (c.classifies()) {
      about.put("classes", json(support.classes()));
      about.put("temperature", Double.toString(temperature));
    }
    Map<String, Array> constants = new LinkedHashMap<>(theta);
    constants.put(SUPPORT_X, support.x());
    if (!c.classifies()) {
      constants.put(SUPPORT_Y, support.y());
    }
    Traced.Body body =
        (all, x) -> {
          Tensor y = c.classifies() ? labels(support.y()) : all.get(SUPPORT_Y);
          Batch batch = new Batch(all.get(SUPPORT_X), y);
          Tensor outputs = learner.predict(all, batch, x);
          return Params.of(c.classifies() ? LOGITS : "y", outputs);
        };
    return write(c, constants, about, "adapted to examples:", body);
  }

  private static Tensor labels(Array y) {
    double[] numbers = new double[y.data().length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = y.data()[i];
    }
    return literal(DType.I32, y.shape(), numbers);
  }

  private static OnnxFile write(
      RunConfig c,
      Map<String, Array> constants,
      Map<String, String> about,
      String what,
      Traced.Body body) {
    boolean images = c.pictures();
    Shape example = c.data().example(c.request());
    String input = images ? IMAGES : "x";
    List<Integer> order = images ? Value.channelsFirst() : Value.same(2);
    int workers = java.lang.Runtime.getRuntime().availableProcessors();
    try (Engine engine = Engine.open("cpu", workers, Precision.FP32)) {
      Traced t = new Traced(engine, constants, input, example, order, body);
      if (t.outputs().containsKey(LOGITS) && about.containsKey("classes")) {
        double temperature = Double.parseDouble(about.getOrDefault("temperature", "1"));
        t.softmax(LOGITS, "probabilities", temperature);
      }
      String title = "%s a run of %s on %s".formatted(what, c.learner(), c.data().name());
      byte[] bytes = t.write(title, SystemInfo.version(), about);
      return new OnnxFile(bytes, t.outputs(), t.operators());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e); // shapes that do not fit, or are too large
    }
  }

  private static Map<String, String> about(RunConfig c, int step) {
    Map<String, String> m = new LinkedHashMap<>();
    m.put("learner", c.learner().name());
    m.put("data", c.data().name());
    m.put("step", Integer.toString(step));
    if (c.pictures()) {
      m.put("layout", "NCHW");
      m.put(
          "ink",
          switch (c.tasks().ink()) {
            case DARK -> "1 is ink and 0 is background: dark ink on light paper is inverted";
            case BRIGHT -> "1 is white and 0 is black";
          });
      Framing framing = c.tasks().framing();
      if (!framing.equals(Framing.USUAL)) {
        m.put("fit", Values.format(framing.fit()));
        m.put("trim", Values.format(framing.trim()));
        m.put("levels", Values.format(framing.levels()));
      }
    }
    return m;
  }

  private static String json(List<String> names) {
    try {
      return JSON.writeValueAsString(names);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("names that JSON cannot hold", e);
    }
  }
}
