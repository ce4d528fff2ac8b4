package io.quickstudy.learner;

import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Key;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What a learner says of itself to those who choose one: all that the rest of the program knows of
 * it. Stands as a public constant {@code KIND} in the learner's own file, and {@code
 * learners.Learners} lists it; a user's own learner is found by the name of its class. Immutable.
 *
 * @param <O> its options, a record of {@link io.quickstudy.settings.Setting}s
 */
public final class LearnerKind<O extends Record> {

  /** Which numbers of classes a trained learner serves. */
  public enum Ways {
    /** Those it is trained with: it has one output for each. */
    FIXED,
    /**
     * Those it is measured with, for which it has an output each, and fewer: an episode of training
     * may be several such tasks.
     */
    MEASURED,
    /** Any. */
    ANY
  }

  /** Whether a learner takes a model of the user's choice. */
  public enum Backbones {
    /** Any of them. */
    ANY,
    /** Any of them before a network of its own, or none, which is the usual. */
    OPTIONAL,
    /** None: it is a network of its own. */
    NONE
  }

  /** What the outer gradient is. */
  public enum OuterGradient {
    /** That of the mean loss. */
    EXACT,
    /** Another direction on purpose, such as a first-order approximation. */
    APPROXIMATE
  }

  /** No options. */
  public record NoOptions() {}

  private final Class<O> options;
  private final BiFunction<O, Setup, Learner> build;
  // set before anybody else sees this, by the methods that return a changed copy
  private String name;
  private String about = "";
  private String paper = "";
  private List<TaskKind> tasks = List.of(TaskKind.EPISODES);
  private Ways ways = Ways.FIXED;
  private List<Norm.Policy> norms = List.of(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT);
  private Backbones backbone = Backbones.ANY;
  private Predicate<O> approximate = o -> false;
  private List<String> makes = List.of();
  private boolean unlabelled;
  private boolean images;
  private boolean samples;
  private boolean freezes = true;
  private Map<String, String> checked = Map.of();

  private LearnerKind(String name, Class<O> options, BiFunction<O, Setup, Learner> build) {
    this.name = name;
    this.options = options;
    this.build = build;
  }

  /**
   * A learner under its class's name, that takes episodes of the ways it is trained with, with any
   * model, normalised by {@code TRANSDUCTIVE} or {@code SUPPORT} statistics.
   *
   * @param learner the class that has this as its {@code KIND}
   * @param options a record of {@link io.quickstudy.settings.Setting}s
   * @param build makes it of its options for a setup; may throw IllegalArgumentException of one
   *     sentence
   * @throws IllegalArgumentException if the options are no such record
   */
  public static <O extends Record> LearnerKind<O> of(
      Class<?> learner, Class<O> options, BiFunction<O, Setup, Learner> build) {
    Values.keys(options); // says at once what is wrong with them
    return new LearnerKind<>(learner.getName(), options, Objects.requireNonNull(build, "build"));
  }

  private LearnerKind<O> with(Consumer<LearnerKind<O>> change) {
    LearnerKind<O> k = new LearnerKind<>(name, options, build);
    k.about = about;
    k.paper = paper;
    k.tasks = tasks;
    k.ways = ways;
    k.norms = norms;
    k.backbone = backbone;
    k.approximate = approximate;
    k.makes = makes;
    k.unlabelled = unlabelled;
    k.images = images;
    k.samples = samples;
    k.freezes = freezes;
    k.checked = checked;
    change.accept(k);
    return k;
  }

  /** The same under a short name, which built-in learners have. */
  public LearnerKind<O> named(String shortName) {
    return with(k -> k.name = shortName);
  }

  /** The same with a line that says what it is. */
  public LearnerKind<O> about(String line) {
    return with(k -> k.about = line);
  }

  /** The same with the paper that it is of: "Snell et al. 2017". */
  public LearnerKind<O> paper(String of) {
    return with(k -> k.paper = of);
  }

  /** The same for other tasks; of those that fit the data the first is taken. */
  public LearnerKind<O> tasks(TaskKind... taken) {
    return with(k -> k.tasks = List.of(taken));
  }

  /** The same, serving other numbers of classes. */
  public LearnerKind<O> ways(Ways served) {
    return with(k -> k.ways = served);
  }

  /** The same, with the policies that it can be normalised by where its model has batch norm. */
  public LearnerKind<O> norms(Norm.Policy... policies) {
    return with(k -> k.norms = List.of(policies));
  }

  /** The same with or without a model of the user's choice. */
  public LearnerKind<O> backbone(Backbones taken) {
    return with(k -> k.backbone = taken);
  }

  /** The same with an outer gradient that is another direction on purpose, or is not. */
  public LearnerKind<O> gradient(OuterGradient outer) {
    return approximateIf(o -> outer == OuterGradient.APPROXIMATE);
  }

  /** The same with an outer gradient that is another direction on purpose by some options. */
  public LearnerKind<O> approximateIf(Predicate<O> chosen) {
    return with(k -> k.approximate = chosen);
  }

  /**
   * The same, saying which tensors adapting adds to theta, by name. A learner that changes the
   * parameters themselves says nothing.
   */
  public LearnerKind<O> makes(String... names) {
    return with(k -> k.makes = List.of(names));
  }

  /**
   * The same, learning also from examples of a support set that have no label: their label is -1.
   * No other learner is given such.
   */
  public LearnerKind<O> takesUnlabelled() {
    return with(k -> k.unlabelled = true);
  }

  /** The same, of images alone: its own network is one of these. */
  public LearnerKind<O> ofImages() {
    return with(k -> k.images = true);
  }

  /**
   * The same, drawing random numbers while it trains: each task of a step comes with a {@link
   * io.quickstudy.task.Task#key key} of its own, by the run's seed and the number of the task.
   */
  public LearnerKind<O> samples() {
    return with(k -> k.samples = true);
  }

  /**
   * The same, for one that needs all the parameters of its model to be its own, so that no part of
   * it can be frozen.
   */
  public LearnerKind<O> ofWholeModels() {
    return with(k -> k.freezes = false);
  }

  /**
   * The same, saying which options it has where its gradient is compared with differences, for one
   * whose gradient is that of its loss by these alone: that of a solver that has converged.
   *
   * @param values by the options' names
   */
  public LearnerKind<O> checkedWith(Map<String, String> values) {
    return with(k -> k.checked = Map.copyOf(values));
  }

  /** What people type: a short name, or the class's. */
  public String name() {
    return name;
  }

  /** What it is, and by whom, in a line. */
  public String about() {
    return paper.isEmpty() ? about : about + " (" + paper + ")";
  }

  /** The paper that it is of; empty where there is none. */
  public String paper() {
    return paper;
  }

  /** Its options' record. */
  public Class<O> options() {
    return options;
  }

  /** Its options. */
  public List<Key> keys() {
    return Values.keys(options);
  }

  /** What it can be trained on. */
  public List<TaskKind> tasks() {
    return tasks;
  }

  /** Which numbers of classes it serves once it is trained. */
  public Ways ways() {
    return ways;
  }

  /** Whose statistics can normalise it; the first is the usual one. */
  public List<Norm.Policy> norms() {
    return norms;
  }

  /** Whether it takes a model of the user's choice. */
  public Backbones backbone() {
    return backbone;
  }

  /**
   * Whether its outer gradient is that of the mean loss.
   *
   * @param chosen a record of {@link #options}
   */
  public OuterGradient gradient(Record chosen) {
    return approximate.test(options.cast(chosen)) ? OuterGradient.APPROXIMATE : OuterGradient.EXACT;
  }

  /** The tensors that adapting adds; empty for one that changes the parameters themselves. */
  public List<String> makes() {
    return makes;
  }

  /** Whether it learns also from examples of a support set that have no label. */
  public boolean unlabelled() {
    return unlabelled;
  }

  /** Whether it takes a model that is frozen, with what is trained upon it. */
  public boolean freezes() {
    return freezes;
  }

  /** Whether it takes images alone, and no rows of numbers. */
  public boolean images() {
    return images;
  }

  /** Whether it draws random numbers while it trains. */
  public boolean sampling() {
    return samples;
  }

  /**
   * The learner.
   *
   * @param options a record of {@link #options}
   * @throws IllegalArgumentException one sentence, if these do not fit the setup
   */
  public Learner build(Record options, Setup setup) {
    return Objects.requireNonNull(build.apply(this.options.cast(options), setup), name);
  }

  /** The options that it is checked with; those that are not among them are usual or small. */
  public Map<String, String> checked() {
    return checked;
  }

  /** Whether it can be trained on tasks of a kind. */
  public boolean takes(TaskKind kind) {
    return tasks.contains(kind);
  }

  @Override
  public String toString() {
    return name;
  }
}
