package io.quickstudy.adapt;

import io.quickstudy.adapt.AdaptOptions.Queries;
import io.quickstudy.adapt.Support.Example;
import io.quickstudy.backend.Precision;
import io.quickstudy.data.Attributes;
import io.quickstudy.data.image.ImageDecoder;
import io.quickstudy.data.image.PictureInk;
import io.quickstudy.graph.Shape;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.CheckpointChoice;
import io.quickstudy.run.Components;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunAttributes;
import io.quickstudy.run.RunCalibration;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunData;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.TaskSettings;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
import io.quickstudy.text.Text;
import io.quickstudy.transform.Params;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A trained run, ready to adapt. Immutable; any number of threads may adapt and predict at once.
 *
 * <p>A function is compiled at the first call with a number of examples, which takes a tenth of a
 * second or so; later calls take milliseconds. Native memory belongs to the adapter and is freed by
 * {@link #close()}, which waits for calls under way; classifiers are plain Java objects, and cannot
 * be used after that.
 */
public final class Adapter implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.quickstudy");

  private final Path run;
  private final Consumer<String> warn;
  private final RunConfig config;
  private final int step;
  private final Optional<CheckpointChoice.Role> role;
  private final Map<String, Array> theta;
  private final String device;
  private final Norm.Policy norm;
  private final List<String> attributes;
  private final Compute compute;
  private final Inputs inputs;
  private final Optional<RunCalibration.Fit> calibration;

  private Adapter(
      Path run,
      RunConfig config,
      int classes,
      Optional<RunData> data,
      Checkpoint checkpoint,
      Optional<CheckpointChoice.Role> role,
      Optional<RunCalibration> calibration,
      Engine engine,
      AdaptOptions o,
      Consumer<String> warn) {
    this.run = run;
    this.warn = warn;
    this.config = config;
    this.attributes = data.map(RunData::attributes).orElse(List.of());
    this.step = checkpoint.step();
    this.role = role;
    this.theta = checkpoint.theta();
    this.device = engine.device();
    this.norm = norm(config, o.queries());
    this.calibration = calibration.flatMap(c -> c.of(step, norm));
    Map<String, String> changed = new LinkedHashMap<>();
    changed.put("batch-norm", Values.format(norm));
    o.learner().forEach((k, v) -> changed.put("eval-" + k, v));
    RunConfig used = Overrides.measure(config, changed);
    this.compute =
        new Compute(
            engine,
            ways -> Components.measured(used, ways, used.measured(), classes),
            theta,
            config.data().example(config.request()),
            Components.support(config),
            config.data().outputs(),
            o.threads());
    this.inputs =
        new Inputs(
            "run '%s' on '%s'".formatted(run, config.data().name()),
            config.pictures() ? Optional.of(decoder(config.tasks(), o)) : Optional.empty(),
            data.map(RunData::columns).orElse(List.of()),
            compute.size(),
            o.workers());
  }

  private static ImageDecoder decoder(TaskSettings t, AdaptOptions o) {
    return new ImageDecoder(
        t.size(),
        t.size(),
        t.channels(),
        o.ink().orElse(PictureInk.usual(t.ink())),
        o.framing(t.framing()));
  }

  /** Whose statistics normalise queries: the run's, but those of a call only if asked for. */
  private static Norm.Policy norm(RunConfig c, Queries queries) {
    boolean transductive = c.network().batchNorm() == Norm.Policy.TRANSDUCTIVE;
    return switch (queries) {
      case APART -> transductive ? Norm.Policy.SUPPORT : c.network().batchNorm();
      case TOGETHER -> {
        if (!transductive) {
          throw new ConfigException(
              "Queries together for a run trained with batch norm %s: expected transductive; leave it out."
                  .formatted(c.network().batchNorm()));
        }
        yield c.network().batchNorm();
      }
    };
  }

  /**
   * Loads a run.
   *
   * @param run its folder, as {@code train} wrote it
   * @throws io.quickstudy.settings.ConfigException if the folder holds no run
   * @throws RunException if it has no whole checkpoint
   * @throws io.quickstudy.backend.BackendException if the device cannot be used
   */
  public static Adapter load(Path run, AdaptOptions options) {
    return load(run, options, line -> LOG.log(Level.WARNING, line));
  }

  /**
   * As {@link #load(Path, AdaptOptions)}, for a person who watches.
   *
   * @param messages told, in a sentence each, of damaged checkpoints that are passed over and of
   *     support images that nothing can be learnt from, which else are logged as warnings
   */
  public static Adapter load(Path run, AdaptOptions options, Consumer<String> messages) {
    RunFolder folder = RunFolder.open(run).using(options.checkpoint());
    RunConfig config = folder.config();
    if (!config.adapts()) {
      throw new ConfigException(
          "Run '%s' answers %s: expected one on classes or curves whose labels a caller can give; choose another run."
              .formatted(
                  run,
                  config.taskKind() == TaskKind.SIGNALS
                      ? "signals of '%s'".formatted(config.data().name())
                      : "with strings that each of its sequences had anew"));
    }
    Checkpoint checkpoint = folder.trained(messages);
    int classes =
        folder
            .data()
            .map(d -> RunConfig.classes(d.trained().size(), config.tasks().rotations()))
            .orElse(0);
    fits(run, config, classes, checkpoint);
    // TF32 is a GPU's; elsewhere the same parameters compute in FP32
    Precision precision =
        options.device().startsWith("cuda") ? config.run().precision() : Precision.FP32;
    Engine engine = Engine.open(options.device(), options.workers(), precision);
    try {
      engine.repeat(folder.choices());
      return new Adapter(
          run,
          config,
          classes,
          folder.data(),
          checkpoint,
          folder.checkpoints().role(checkpoint.step()),
          folder.calibration(),
          engine,
          options,
          messages);
    } catch (RuntimeException | Error e) {
      engine.close();
      throw e;
    }
  }

  /** Checks that a checkpoint's tensors are those of the configuration's learner. */
  private static void fits(Path run, RunConfig c, int classes, Checkpoint checkpoint) {
    Learner learner = Components.measured(c, c.evaluation().evalWays(), c.measured(), classes);
    Params init = learner.init(new Init(0));
    Map<String, Array> theta = checkpoint.theta();
    for (String n : init.names()) {
      if (!Components.keeps(learner, n)) {
        continue;
      }
      Shape found = theta.containsKey(n) ? theta.get(n).shape() : null;
      if (!init.get(n).shape().equals(found)) {
        throw new RunException(
            ("Checkpoint of step %s of run '%s' does not fit its config.yaml: tensor '%s' is %s,"
                    + " expected %s; restore the file that train wrote.")
                .formatted(
                    checkpoint.step(),
                    run,
                    n,
                    found == null ? "missing" : found,
                    init.get(n).shape()));
      }
    }
  }

  /**
   * Learns classes from labelled images or rows, or from what they are like: as many classes, and
   * as many images of each, as the support set holds; a learner with one output for each class
   * takes at most as many as it has. A sequence learner is shown the first image of every class,
   * then the second of each, and so on.
   *
   * @throws IllegalArgumentException if there are more classes than the learner has outputs, or if
   *     they are shown to a run that knows classes by attributes, or the other way round, or an
   *     attribute is missing, or there are unlabelled images for a learner that does not take them
   * @throws UnsupportedOperationException if the run does not classify
   * @throws io.quickstudy.data.DataException if an image does not decode
   * @throws RunException if the adapted parameters are not finite
   */
  public Classifier adapt(Support support) {
    classifying();
    if (support.unlabelled() > 0 && !config.learner().unlabelled()) {
      throw new IllegalArgumentException(
          "%s for run '%s': expected none, since its learner %s learns from labelled ones alone; leave them out, or train a learner that takes them, such as imp."
              .formatted(
                  Text.count(
                      support.unlabelled(),
                      config.pictures() ? "unlabelled image" : "unlabelled row"),
                  run,
                  config.learner()));
    }
    List<String> classes = support.classes();
    boolean any = config.learner().ways() == LearnerKind.Ways.ANY;
    int ways = any ? classes.size() : config.evaluation().evalWays();
    if (classes.size() > ways) {
      throw new IllegalArgumentException(
          ("A support set of %s for run '%s': expected at most %s, the outputs of its %s;"
                  + " leave classes out, or train with --ways %s.")
              .formatted(
                  Text.count(classes.size(), "class"),
                  run,
                  ways,
                  config.learner(),
                  classes.size()));
    }
    if (support.attributes().isPresent() || config.taskKind() == TaskKind.ATTRIBUTES) {
      Attributes a = RunAttributes.chosen(run, config, attributes, support.attributes());
      int[] order = IntStream.range(0, classes.size()).toArray();
      return new Classifier(this, classes, compute.adapt(ways, a.values(), order));
    }
    List<Example> examples =
        config.taskKind() == TaskKind.SEQUENCES ? support.inTurn() : support.byClass();
    float[] x = numbers(examples.stream().map(Example::input).toList());
    int[] labels = examples.stream().mapToInt(Example::label).toArray();
    List<String> names = examples.stream().map(e -> e.input().name()).toList();
    SupportCheck.doubts(config.pictures(), x, compute.size(), labels, names).forEach(warn);
    return new Classifier(this, classes, compute.adapt(ways, x, labels));
  }

  /**
   * Learns a function from points of it.
   *
   * @param x where: as many numbers for each point as the run's data has inputs, one after the
   *     other
   * @param y its values there, likewise
   * @throws IllegalArgumentException if there are no points, or not as many values, or one is not
   *     finite
   * @throws UnsupportedOperationException if the run does not regress
   * @throws RunException if the adapted parameters are not finite
   */
  public Regressor adapt(float[] x, float[] y) {
    if (config.classifies()) {
      throw new UnsupportedOperationException(
          "Run '%s' on '%s' classifies: expected one on curves; adapt it to a support"
                  .formatted(run, config.data().name())
              + " set.");
    }
    int points = points(x, compute.size(), "points");
    if (points == 0 || points != points(y, compute.outputs(), "values")) {
      throw new IllegalArgumentException(
          "%s with %s: expected one value for each point, and at least one; give them."
              .formatted(
                  Text.count(points, "point"), Text.count(y.length / compute.outputs(), "value")));
    }
    Finite.check("Points", x);
    Finite.check("Values", y);
    return new Regressor(compute, compute.adapt(x, y));
  }

  /** How many there are of so many numbers each. */
  static int points(float[] numbers, int each, String what) {
    if (numbers.length % each != 0) {
      throw new IllegalArgumentException(
          "%s numbers of %s: expected %s for each, one after the other; give whole ones."
              .formatted(numbers.length, what, each));
    }
    return numbers.length / each;
  }

  private void classifying() {
    if (!config.classifies()) {
      throw new UnsupportedOperationException(
          "Run '%s' on '%s' predicts values: expected a run that classifies; adapt it to points."
              .formatted(run, config.data().name()));
    }
  }

  /**
   * An image as this run takes it, decoded and scaled now, or a row with its numbers in the run's
   * order; it may be predicted as often as one likes. So of many images those that do not decode
   * are found one by one.
   *
   * @throws UnsupportedOperationException if the run does not classify
   * @throws io.quickstudy.data.DataException if it does not decode, or lacks a column
   */
  public Input prepared(Input input) {
    classifying();
    float[] x = numbers(List.of(input));
    return config.pictures() ? Image.of(x) : Row.of(x);
  }

  /** Whether {@link #features} has an answer: the learner has a network of single images. */
  public boolean hasFeatures() {
    return config.classifies() && compute.hasFeatures(config.evaluation().evalWays());
  }

  /**
   * Whether the features of an image depend on what else is in a call: so it is where a run with
   * batch norm keeps no running statistics, since those of the images of the call are all there
   * are.
   */
  public boolean featuresTogether() {
    return compute.featuresTogether(config.evaluation().evalWays());
  }

  /** Whether images have features that tell them apart, whatever else is in a call. */
  public boolean apart() {
    return hasFeatures() && !featuresTogether();
  }

  /**
   * What the run's network makes of images, before any adaptation: the same as in the ONNX file of
   * {@code export} without a support set.
   *
   * @return for each image d numbers
   * @throws UnsupportedOperationException if there are none, as {@link #hasFeatures} says
   * @throws io.quickstudy.data.DataException if an image does not decode
   * @throws IllegalStateException if the adapter is closed
   * @throws RunException if a feature is no finite number
   */
  public List<float[]> features(List<? extends Input> images) {
    if (!hasFeatures()) {
      throw new UnsupportedOperationException(
          "Run '%s' of learner '%s' on '%s' has no features of single examples: expected one such as protonet on classes."
              .formatted(run, config.learner(), config.data().name()));
    }
    if (images.isEmpty()) {
      return List.of();
    }
    float[] all = compute.features(config.evaluation().evalWays(), numbers(images));
    if (!Finite.all(all)) {
      throw new RunException(
          "A feature of run '%s' is no finite number: expected the network of a run that learned; train it again."
              .formatted(run));
    }
    int width = all.length / images.size();
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      rows.add(Arrays.copyOfRange(all, i * width, (i + 1) * width));
    }
    return rows;
  }

  /** Images or rows one after the other, as the model takes them. */
  float[] numbers(List<? extends Input> inputs) {
    return this.inputs.numbers(inputs);
  }

  Compute compute() {
    return compute;
  }

  /** All parameters of an adapted learner, by name; a copy. */
  Map<String, Array> adapted(Compute.Adapted a) {
    Map<String, Array> m = new LinkedHashMap<>(theta);
    m.putAll(a.changes());
    m.replaceAll((n, t) -> new Array(t.shape(), t.data().clone()));
    return Collections.unmodifiableMap(m);
  }

  /** What the run is. */
  public RunConfig config() {
    return config;
  }

  /** The checkpoint's step. */
  public int step() {
    return step;
  }

  /** What the checkpoint was to its run when it was loaded; nothing if neither best nor newest. */
  public Optional<CheckpointChoice.Role> role() {
    return role;
  }

  /** The checkpoint in words: "step 4800, the best by validation". */
  public String checkpoint() {
    return "step " + step + role.map(r -> ", the " + r.words()).orElse("");
  }

  /** The device as it is named in results. */
  public String device() {
    return device;
  }

  /** How pictures become what the model takes; empty for a run that does not classify images. */
  public Optional<ImageDecoder> decoder() {
    return inputs.decoder();
  }

  /**
   * The temperature of the probabilities and what thresholds of confidence keep, found on tasks of
   * validation classes: of this checkpoint, where queries are normalised as here. Nothing for a run
   * that was not calibrated, whose probabilities are the learner's own.
   */
  public Optional<RunCalibration.Fit> calibration() {
    return calibration;
  }

  /** Whose statistics normalise queries, as results name it. */
  public String norm() {
    return norm.toString();
  }

  /**
   * Whether the run was trained to see the queries of one call together; {@link
   * AdaptOptions#queries} says whether it does here.
   */
  public boolean trainedTogether() {
    return config.network().batchNorm() == Norm.Policy.TRANSDUCTIVE;
  }

  /** Waits for calls under way and frees all native memory; closing again does nothing. */
  @Override
  public void close() {
    compute.close();
  }

  @Override
  public String toString() {
    return "adapter of run '%s', step %s, on %s".formatted(run, step, device);
  }
}
