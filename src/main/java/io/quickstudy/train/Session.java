package io.quickstudy.train;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Moments;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Split;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.nn.Frozen;
import io.quickstudy.run.Components;
import io.quickstudy.run.Normalise;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunData;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.RunSettings;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What a run works with: the device, and the data upon it. Close it to free both. */
public final class Session implements AutoCloseable {
  private final RunConfig config;
  private final Map<String, String> measured;
  private final Engine engine;
  private final DataSource.Loaded data;
  private final Optional<Uploaded> examples;
  private final TrainListener listener;
  private TaskSources tasks;

  private Session(RunConfig config, Engine engine, DataSource.Loaded data, TrainListener listener) {
    this.measured = InputMoments.of(config, data);
    this.config = measured.isEmpty() ? config : config.with(measured);
    this.engine = engine;
    this.data = data;
    this.listener = listener;
    if (data instanceof DataSource.Loaded.Vectors v
        && config.network().normalise() == Normalise.NONE) {
      Moments.of(v.set(), v.split().classes(Split.Part.TRAIN))
          .uneven(v.columns(), config.model().isEmpty() ? "scale it" : "say --normalise data")
          .ifPresent(listener::message);
    }
    this.examples =
        switch (data) {
          case DataSource.Loaded.Classes c ->
              Optional.of(new Uploaded(c, Examples.upload(engine, c.set())));
          case DataSource.Loaded.Curves c -> Optional.empty();
          case DataSource.Loaded.Signals g -> Optional.empty();
        };
    this.tasks = new TaskSources(this.config, engine, data, examples, once(listener));
  }

  /** Says the same but once. */
  private static Consumer<String> once(TrainListener listener) {
    Set<String> said = new HashSet<>();
    return line -> {
      if (said.add(line)) {
        listener.message(line);
      }
    };
  }

  /**
   * Opens the device and loads the data.
   *
   * @param listener told of what takes time
   * @throws ConfigException if the split does not fit the data
   * @throws io.quickstudy.data.DataException if the data cannot be found or read
   * @throws io.quickstudy.backend.BackendException if the device cannot be used
   */
  public static Session open(RunConfig config, TrainListener listener) {
    return open(config, Optional.empty(), listener);
  }

  /**
   * Data that was loaded, for another session.
   *
   * @param source the data
   * @param request what of it was asked for
   */
  public record Loaded(DataSource source, DataSource.Request request, DataSource.Loaded data) {}

  /**
   * As {@link #open(RunConfig, TrainListener)}, with what another session loaded if it is the same.
   */
  public static Session open(RunConfig config, Optional<Loaded> before, TrainListener listener) {
    Components.check(config);
    DataSource.Loaded data;
    try {
      data =
          before
              .filter(l -> l.source.equals(config.data()) && l.request.equals(config.request()))
              .map(Loaded::data)
              .orElseGet(() -> DataSources.load(config.data(), config.request(), listener));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
    RunSettings r = config.run();
    return open(config, data, Engine.open(r.device(), r.workers(), r.precision()), listener);
  }

  /** What was loaded. */
  public Loaded loaded() {
    return new Loaded(config.data(), config.request(), data);
  }

  /** As {@link #open(RunConfig, TrainListener)}, with data that is there already. */
  static Session open(RunConfig config, DataSource.Loaded data) {
    RunSettings r = config.run();
    return open(config, data, Engine.open(r.device(), r.workers(), r.precision()));
  }

  /** The same on a device that is open, which is closed with this, also where this fails. */
  static Session open(RunConfig config, DataSource.Loaded data, Engine engine) {
    return open(config, data, engine, TrainListener.NONE);
  }

  /** As {@link #open(RunConfig, DataSource.Loaded, Engine)}, with what is told. */
  static Session open(
      RunConfig config, DataSource.Loaded data, Engine engine, TrainListener listener) {
    try {
      return new Session(config, engine, data, listener);
    } catch (RuntimeException | Error e) {
      engine.close();
      throw e;
    }
  }

  /**
   * Checks that there are such tasks as the configuration trains and measures on.
   *
   * @throws ConfigException if there are not
   */
  public Session checked() {
    tasks.check();
    return this;
  }

  /**
   * Has tasks from now on hold features of images in place of the images.
   *
   * @param frozen the model's parameters, by the model's own names
   * @return the mean and the scale of the features, measured over the training classes where that
   *     was not done: where the scale is 1
   */
  Map<String, Array> freeze(Map<String, Array> frozen) {
    Uploaded held = examples.orElseThrow();
    ImageSet set = (ImageSet) held.set();
    long start = System.nanoTime();
    Frozen.Features model = Components.frozen(config).orElseThrow();
    float[] computed = Features.computed(engine, model, frozen, set, held.resident());
    Map<String, Array> measured =
        frozen.get(Frozen.SCALE).data()[0] == 1
            ? Features.standardised(computed, set, held.split().classes(Split.Part.TRAIN))
            : Map.of();
    tasks = tasks.of(Features.upload(engine, set, computed));
    listener.message(
        "features of %s, %s each, computed in %s s"
            .formatted(
                Text.count(set.examples(), "image"),
                Text.count(model.features(), "number"),
                Text.fixed((System.nanoTime() - start) / 1e9, 1)));
    return measured;
  }

  /**
   * Checks that there are such tasks to measure on.
   *
   * @throws ConfigException if there are not
   */
  public void check(EvalSpec spec) {
    tasks.measured(spec);
  }

  /** The tasks there are. */
  TaskSources tasks() {
    return tasks;
  }

  /** All the classes that are trained on, each rotation that is one counted; 0 of functions. */
  public int classes() {
    Rotations turns = config.tasks().rotations();
    return examples
        .map(i -> RunConfig.classes(i.split().classes(Split.Part.TRAIN).length, turns))
        .orElse(0);
  }

  /** What {@link #config} says that the data had to be measured for, by key; often nothing. */
  Map<String, String> measured() {
    return measured;
  }

  /** What the run is. */
  public RunConfig config() {
    return config;
  }

  /** The device. */
  Engine engine() {
    return engine;
  }

  /** What device "auto" took and why, in words; nothing where a device was asked for by name. */
  public Optional<String> deviceNote() {
    return engine.note();
  }

  /** The device as it is named in results. */
  public String device() {
    return engine.device();
  }

  /** The data in words. */
  public String describe() {
    return data.about();
  }

  /** What training on it is trained on, as a run keeps it; nothing for functions without end. */
  Optional<RunData> data() {
    return fingerprint()
        .map(
            sha256 ->
                new RunData(
                    describe(),
                    sha256,
                    names(Split.Part.TRAIN),
                    described().map(Attributes::names).orElse(List.of()),
                    columns()));
  }

  /** What the numbers of a vector are called; none of images and curves. */
  private List<String> columns() {
    return data instanceof DataSource.Loaded.Vectors v ? v.columns() : List.of();
  }

  /** What tells the data from others; nothing where there is no end of it. */
  private Optional<String> fingerprint() {
    return data instanceof DataSource.Loaded.Curves c
        ? Optional.of(c.sha256()).filter(s -> !s.isEmpty())
        : examples.map(e -> e.classes().sha256());
  }

  /** The classes of a part, or its tasks where their names are known. */
  private List<String> names(Split.Part part) {
    return data instanceof DataSource.Loaded.Curves c
        ? c.of(part).names()
        : examples.stream()
            .flatMap(
                i ->
                    Arrays.stream(i.split().classes(part))
                        .mapToObj(k -> i.set().classes().get(k).fullName()))
            .toList();
  }

  /**
   * What speaks against measuring a run here, in one sentence: that classes were trained on, or
   * that what is in its folder is no longer what it was. Nothing if it was trained on other data,
   * on sinusoids, or before a run kept what it is trained on; and only the test classes of a run
   * have to be new.
   *
   * @throws io.quickstudy.run.RunException if what the run was trained on cannot be read
   */
  public Optional<String> objection(RunFolder run, EvalSpec spec) {
    Optional<RunData> kept = dataOf(run);
    if (kept.isEmpty() || spec.part() != Split.Part.TEST) {
      return Optional.empty();
    }
    Optional<String> trained = trainedOn(run, spec);
    if (trained.isPresent()) {
      return trained;
    }
    RunData then = kept.get();
    if (!then.columns().isEmpty() && !columns().isEmpty() && !then.columns().equals(columns())) {
      return Optional.of(
          "The columns of '%s' are not those that '%s' was trained on, in their order (%s): expected the same; write them so."
              .formatted(
                  config.tasks().dataDir(),
                  run.path(),
                  Names.shown(String.join(", ", then.columns()))));
    }
    boolean same =
        config.tasks().split().equals(run.config().tasks().split())
            && config.tasks().dataDir().equals(run.config().tasks().dataDir());
    if (same && !then.sha256().equals(fingerprint().orElseThrow())) {
      return Optional.of(
          ("The data is no longer that which '%s' was trained on (%s): expected the same; say where"
                  + " it is.")
              .formatted(run.path(), then.change(describe())));
    }
    return Optional.empty();
  }

  /**
   * That a run was trained on classes that are measured, in one sentence. Nothing if it was not, or
   * was trained on other data, on sinusoids, or before a run kept what it is trained on.
   *
   * @throws io.quickstudy.run.RunException if what the run was trained on cannot be read
   */
  public Optional<String> trainedOn(RunFolder run, EvalSpec spec) {
    Optional<RunData> kept = dataOf(run);
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    List<String> tested = names(spec.part());
    List<String> known = kept.get().trainedOf(tested);
    String unit = examples.isPresent() ? "class" : "task";
    return known.isEmpty()
        ? Optional.empty()
        : Optional.of(
            ("%s of the %s that are tested have names of %s that '%s' was trained on,"
                    + " such as '%s': expected new ones; use the data and the split of its"
                    + " training.")
                .formatted(
                    known.size(),
                    Text.count(tested.size(), unit),
                    Text.plural(unit),
                    run.path(),
                    known.getFirst()));
  }

  /** What a run was trained on, if it is known and may be of these images. */
  private Optional<RunData> dataOf(RunFolder run) {
    boolean same = run.config().data().name().equals(config.data().name());
    return fingerprint().isPresent() && same ? run.data() : Optional.empty();
  }

  /** What the classes are like, in the order of the set's; often not known. */
  public Optional<Attributes> described() {
    return examples.flatMap(e -> e.classes().attributes());
  }

  /** The images or vectors with which tasks are made; none for curves. */
  public Optional<ExampleSet> set() {
    return examples.map(Uploaded::set);
  }

  /** The numbers of the classes of a part; none for curves. */
  public int[] classes(Split.Part part) {
    return examples.map(i -> i.split().classes(part)).orElse(new int[0]);
  }

  @Override
  public void close() {
    engine.close();
  }
}
