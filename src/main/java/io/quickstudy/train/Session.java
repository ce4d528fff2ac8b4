package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.Attributes;
import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.FewCurves;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Moments;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Split;
import io.quickstudy.data.sampling.AugmentedSampler;
import io.quickstudy.data.sampling.DescribedSampler;
import io.quickstudy.data.sampling.EpisodeSampler;
import io.quickstudy.data.sampling.EpisodeSpec;
import io.quickstudy.data.sampling.LabelledSampler;
import io.quickstudy.data.sampling.PairSampler;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.data.sampling.SequenceSampler;
import io.quickstudy.data.sampling.SequenceSpec;
import io.quickstudy.data.sampling.ShuffledSampler;
import io.quickstudy.data.sampling.TaskSampler;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.nn.Frozen;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.run.AugmentationSettings;
import io.quickstudy.run.Components;
import io.quickstudy.run.Normalise;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunData;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.RunSettings;
import io.quickstudy.run.TaskSettings;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What a run works with: the device, and the data upon it. Close it to free both. */
public final class Session implements AutoCloseable {
  private final RunConfig config;
  private final Map<String, String> measured;
  private final Engine engine;
  private final DataSource.Loaded data;
  private final Optional<Held> examples;
  private final TrainListener listener;
  private final Set<String> said = new HashSet<>();
  private Features features;

  /** Examples of classes, which are on the device. */
  private record Held(DataSource.Loaded.Classes classes, Resident uploaded) {
    ExampleSet set() {
      return classes.set();
    }

    Split split() {
      return classes.split();
    }
  }

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
              Optional.of(new Held(c, Examples.upload(engine, c.set())));
          case DataSource.Loaded.Curves c -> Optional.empty();
          case DataSource.Loaded.Signals g -> Optional.empty();
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
    training();
    measured(EvalSpec.test(config));
    boolean validates = config.evaluation().evalEvery() > 0;
    if (validates) {
      measured(EvalSpec.validation(config));
    }
    if (config.taskKind() == TaskKind.PAIRS) { // as a Verifier wants them at the end
      pairs(Split.Part.TEST, 1);
      if (validates) {
        pairs(Split.Part.VAL, 1);
      }
    }
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
    Held held = examples.orElseThrow();
    ImageSet set = (ImageSet) held.set();
    long start = System.nanoTime();
    Frozen.Features model = Components.frozen(config).orElseThrow();
    float[] computed = Features.computed(engine, model, frozen, set, held.uploaded());
    Map<String, Array> measured =
        frozen.get(Frozen.SCALE).data()[0] == 1
            ? Features.standardised(computed, set, held.split().classes(Split.Part.TRAIN))
            : Map.of();
    features = Features.upload(engine, set, computed);
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
    measured(spec);
  }

  /** The tasks to train on. */
  TaskSource training() {
    TaskSettings t = config.tasks();
    if (config.taskKind() == config.taskKind().measured()) {
      enough(Split.Part.TRAIN, t.ways(), "ways", t.rotations());
    }
    Form form = new Form(t.ways(), t.shots(), t.queries(), t.unlabelled());
    TaskSource tasks =
        source(
            config.taskKind(),
            Split.Part.TRAIN,
            form,
            t.rotations(),
            t.maxShift(),
            this::augmented);
    boolean sampling =
        config.learner().sampling() || config.model().filter(ModelKind::sampling).isPresent();
    return sampling ? new KeyedSource(tasks, config.run().seed()) : tasks;
  }

  /** The tasks to measure on; test sequences are not shifted. */
  TaskSource measured(EvalSpec spec) {
    if (spec.unlabelled() > 0 && !config.learner().unlabelled()) {
      throw new ConfigException(
          "Tasks with %s for learner '%s': expected none, since it learns from labelled ones alone; leave them out."
              .formatted(Text.count(spec.unlabelled(), "unlabelled image"), config.learner()));
    }
    Rotations turns = config.evaluation().evalRotations();
    enough(spec.part(), spec.ways(), "eval-ways", turns);
    TaskKind kind = config.taskKind().measured();
    Form form = new Form(spec.ways(), spec.shots(), spec.queries(), spec.unlabelled());
    return source(kind, spec.part(), form, turns, 0, s -> s);
  }

  /** The tasks whose predictions are drawn: as {@link #measured}, but curves along a line. */
  TaskSource pictured(EvalSpec spec) {
    try {
      return data instanceof DataSource.Loaded.Curves c
          ? CurveSource.pictured(curves(c, spec.part()), spec.shots(), spec.queries())
          : measured(spec);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  private CurveTasks curves(DataSource.Loaded.Curves c, Split.Part part) {
    int few = part == Split.Part.TRAIN ? config.tasks().trainTasks() : 0;
    return few > 0 ? new FewCurves(c.of(part), few, config.run().seed()) : c.of(part);
  }

  /** Pairs of images of the classes of a part. */
  TaskSource pairs(Split.Part part, int count) {
    Rotations turns = config.evaluation().evalRotations();
    return source(TaskKind.PAIRS, part, new Form(2, count, 0, 0), turns, 0, s -> s);
  }

  /** The same tasks with images changed as the configuration says. */
  private TaskSampler augmented(TaskSampler sampler) {
    long seed = config.run().seed();
    AugmentationSettings a = config.augmentation();
    TaskSampler ordered =
        switch (a.supportOrder()) {
          case CLASS -> sampler;
          case SHUFFLED -> new ShuffledSampler(sampler, seed);
        };
    return a.changes().isNone() ? ordered : new AugmentedSampler(ordered, a.changes(), seed);
  }

  /** Some images of the classes that are trained on, changed as those of training are. */
  TaskSource changed(int images) {
    TaskSettings t = config.tasks();
    Form form = new Form(1, images, 0, 0);
    TaskKind kind = TaskKind.BATCHES;
    return source(kind, Split.Part.TRAIN, form, t.rotations(), t.maxShift(), this::augmented);
  }

  /** All the classes that are trained on, each rotation that is one counted; 0 of functions. */
  public int classes() {
    Rotations turns = config.tasks().rotations();
    return examples
        .map(i -> RunConfig.classes(i.split().classes(Split.Part.TRAIN).length, turns))
        .orElse(0);
  }

  private void enough(Split.Part part, int ways, String option, Rotations turns) {
    examples.ifPresent(i -> choice(i, turns).enough(part, ways, option));
  }

  private ClassChoice choice(Held i, Rotations turns) {
    return new ClassChoice(
        config,
        turns,
        i.set(),
        i.split(),
        line -> {
          if (said.add(line)) {
            listener.message(line);
          }
        });
  }

  /** How many of what a task has. */
  private record Form(int ways, int shots, int queries, int unlabelled) {
    /** As an episode of a configuration. */
    EpisodeSpec episode(TaskSettings t) {
      int distractors = unlabelled == 0 ? 0 : t.distractors();
      return new EpisodeSpec(
          ways, shots, queries, unlabelled, distractors, t.within(), t.classes());
    }

    /** How many images of a class a task needs. */
    int needed(TaskKind kind, TaskSettings t) {
      return switch (kind) {
        case EPISODES -> t.classes() == ClassUnit.GROUPS ? 1 : episode(t).examples();
        case SEQUENCES -> shots;
        case ATTRIBUTES -> queries;
        case PAIRS -> 2;
        case BATCHES, REGRESSION, SIGNALS -> 1;
      };
    }
  }

  private TaskSource source(
      TaskKind kind,
      Split.Part part,
      Form form,
      Rotations turns,
      int maxShift,
      UnaryOperator<TaskSampler> augmented) {
    int shots = form.shots();
    TaskSettings t = config.tasks();
    long seed = config.run().seed();
    try {
      if (data instanceof DataSource.Loaded.Curves c) {
        return new CurveSource(curves(c, part), shots, form.queries());
      }
      if (data instanceof DataSource.Loaded.Signals s) {
        int least = part == Split.Part.TRAIN ? s.tasks().least() : shots;
        return new SignalSource(s.tasks(), least, shots, seed);
      }
      ExampleSet set = examples.orElseThrow().set();
      ClassChoice choice = choice(examples.orElseThrow(), turns);
      int[] classes = choice.large(part, form.ways(), form.needed(kind, t));
      return switch (kind) {
        case SEQUENCES -> {
          int ways = form.ways();
          SequenceSpec spec =
              new SequenceSpec(
                  ways,
                  Math.multiplyExact(ways, shots),
                  SequenceSpec.Mixture.BALANCED,
                  t.labels().outputs(ways));
          SequenceSampler s = new SequenceSampler(set, classes, turns, maxShift, spec, seed);
          yield new SequenceSource(s, examples(s.moves()), augmented);
        }
        case EPISODES -> {
          EpisodeSpec spec = form.episode(t);
          int[] of = choice.within(part, classes, spec.drawn());
          EpisodeSampler s = new EpisodeSampler(set, of, turns, spec, seed);
          yield new EpisodeSource(s, examples(s.moves()), augmented);
        }
        case ATTRIBUTES -> {
          Attributes a = attributes();
          DescribedSampler s =
              new DescribedSampler(set, classes, form.ways(), form.queries(), seed);
          yield new AttributeSource(
              s, examples(s.moves()), augmented, a, AttributeSource.upload(engine, a));
        }
        case PAIRS -> {
          int[] of = choice.within(part, classes, 2);
          PairSampler s = new PairSampler(set, of, turns, t.within(), shots, seed);
          ExampleTasks tasks = new ExampleTasks(augmented.apply(s), examples(s.moves()));
          yield new TrainingSource(tasks, s.moves(), TrainingSource.Form.PAIRS);
        }
        case BATCHES -> {
          LabelledSampler s = new LabelledSampler(set, classes, turns, shots, seed);
          ExampleTasks tasks = new ExampleTasks(augmented.apply(s), examples(s.moves()));
          yield new TrainingSource(tasks, s.moves(), TrainingSource.Form.BATCH);
        }
        case REGRESSION, SIGNALS ->
            throw new IllegalArgumentException(
                "images for %s: expected data of these; choose other data.".formatted(kind));
      };
    } catch (IllegalArgumentException | ArithmeticException e) {
      String of =
          examples.isEmpty()
              ? ""
              : "The %s classes of split '%s': "
                  .formatted(Values.format(part), config.tasks().split());
      throw new ConfigException(of + e.getMessage(), e);
    }
  }

  /**
   * What the classes are like.
   *
   * @throws ConfigException if that is not known, or they are not of as many numbers as the
   *     configuration says
   */
  private Attributes attributes() {
    ExampleSet set = examples.orElseThrow().set();
    Attributes a =
        described()
            .orElseThrow(
                () ->
                    new ConfigException(
                        "Data '%s' has no attributes: expected some for learner '%s', whose classes are described; choose other data or another learner."
                            .formatted(set.name(), config.learner())));
    if (a.names().size() != config.tasks().attributeCount()) {
      throw new ConfigException(
          "Option --attribute-count is %s: expected %s, the attributes of '%s'; use the data of the training, or leave it out."
              .formatted(config.tasks().attributeCount(), a.names().size(), set.name()));
    }
    return a;
  }

  private Examples examples(PixelMoves moves) {
    if (features != null) {
      return features;
    }
    Held e = examples.orElseThrow();
    return Examples.of(engine, e.set(), e.uploaded(), moves);
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
    return examples.map(Held::set);
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
