package io.quickstudy.nn;

import io.quickstudy.graph.Shape;
import io.quickstudy.settings.Key;
import io.quickstudy.settings.Values;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * What a model says of itself to those who choose one: its name, its options and how it is built.
 * Stands as a public constant {@code KIND} in the model's own file. Immutable.
 *
 * @param <O> its options, a record of {@link io.quickstudy.settings.Setting}s
 */
public final class ModelKind<O extends Record> {
  private final String name;
  private final String about;
  private final Class<O> options;
  private final boolean batchNorm;
  private final Examples examples;
  private final boolean samples;
  private final Map<String, String> withWeights;
  private final Function<O, Architecture> build;

  /** What examples a model takes. */
  public enum Examples {
    /** Images [height, width, channels] alone. */
    IMAGES,
    /** Any shape. */
    ANY
  }

  private ModelKind(
      String name,
      String about,
      Class<O> options,
      boolean batchNorm,
      Examples examples,
      boolean samples,
      Map<String, String> withWeights,
      Function<O, Architecture> build) {
    this.name = name;
    this.about = about;
    this.options = options;
    this.batchNorm = batchNorm;
    this.examples = examples;
    this.samples = samples;
    this.withWeights = withWeights;
    this.build = build;
    Values.keys(options); // says at once what is wrong with them
  }

  /**
   * A model that takes examples of any shape and has no batch normalisation, under its class's
   * name.
   *
   * @param model the class that has this as its {@code KIND}
   * @param options a record
   * @param build makes it; may throw IllegalArgumentException of one sentence
   */
  public static <O extends Record> ModelKind<O> of(
      Class<?> model, Class<O> options, Function<O, Architecture> build) {
    return new ModelKind<>(
        model.getName(), "", options, false, Examples.ANY, false, Map.of(), build);
  }

  /** The same under a short name, which built-in models have. */
  public ModelKind<O> named(String shortName) {
    return new ModelKind<>(
        shortName, about, options, batchNorm, examples, samples, withWeights, build);
  }

  /** The same with a line that says what it is. */
  public ModelKind<O> about(String line) {
    return new ModelKind<>(name, line, options, batchNorm, examples, samples, withWeights, build);
  }

  /** The same, with batch normalisation in it. */
  public ModelKind<O> normalised() {
    return new ModelKind<>(name, about, options, true, examples, samples, withWeights, build);
  }

  /** The same, for images alone. */
  public ModelKind<O> ofImages() {
    return new ModelKind<>(
        name, about, options, batchNorm, Examples.IMAGES, samples, withWeights, build);
  }

  /** The same, drawing {@link TrainingNoise random numbers} while it is trained. */
  public ModelKind<O> samples() {
    return new ModelKind<>(name, about, options, batchNorm, examples, true, withWeights, build);
  }

  /**
   * The same, with defaults of its own for colour images and weights to start from: texts by key.
   */
  public ModelKind<O> withWeights(Map<String, String> values) {
    return new ModelKind<>(
        name, about, options, batchNorm, examples, samples, Map.copyOf(values), build);
  }

  /** What people type: a short name, or the class's. */
  public String name() {
    return name;
  }

  /** What it is, in a line. */
  public String about() {
    return about;
  }

  /** Its options' record. */
  public Class<O> options() {
    return options;
  }

  /** Its options. */
  public List<Key> keys() {
    return Values.keys(options);
  }

  /** Whether there is batch normalisation in it, so that a policy has to be chosen. */
  public boolean hasBatchNorm() {
    return batchNorm;
  }

  /** Whether it draws random numbers while it is trained. */
  public boolean sampling() {
    return samples;
  }

  /** Its defaults for colour images where a run starts from weights, by key; often none. */
  public Map<String, String> withWeights() {
    return withWeights;
  }

  /** Whether it takes examples of a shape. */
  public boolean takes(Shape example) {
    return examples == Examples.ANY || example.rank() == 3;
  }

  /**
   * The model with its options.
   *
   * @throws IllegalArgumentException if these do not fit it
   */
  public Architecture build(Record chosen) {
    return Objects.requireNonNull(build.apply(options.cast(chosen)), name);
  }

  @Override
  public String toString() {
    return name;
  }
}
