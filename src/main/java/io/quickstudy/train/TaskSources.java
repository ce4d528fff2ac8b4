package io.quickstudy.train;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.FewCurves;
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
import io.quickstudy.nn.ModelKind;
import io.quickstudy.run.AugmentationSettings;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.TaskSettings;
import io.quickstudy.runtime.Engine;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
import io.quickstudy.text.Text;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The tasks of a run's data: those that it is trained on, and those that it is measured on.
 *
 * @param config what is asked for
 * @param engine the device that the examples are on
 * @param data what was loaded
 * @param examples the examples of classes, if it is of these
 * @param features what tasks hold in place of the examples, where the model is frozen
 * @param say told what is left out
 */
record TaskSources(
    RunConfig config,
    Engine engine,
    DataSource.Loaded data,
    Optional<Uploaded> examples,
    Optional<Features> features,
    Consumer<String> say) {
  /** Of the examples as they are. */
  TaskSources(
      RunConfig config,
      Engine engine,
      DataSource.Loaded data,
      Optional<Uploaded> examples,
      Consumer<String> say) {
    this(config, engine, data, examples, Optional.empty(), say);
  }

  /** The same tasks of features in place of the examples. */
  TaskSources of(Features computed) {
    return new TaskSources(config, engine, data, examples, Optional.of(computed), say);
  }

  /**
   * Checks that there are such tasks as the configuration trains and measures on.
   *
   * @throws ConfigException if there are not
   */
  void check() {
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

  private void enough(Split.Part part, int ways, String option, Rotations turns) {
    examples.ifPresent(i -> choice(i, turns).enough(part, ways, option));
  }

  private ClassChoice choice(Uploaded i, Rotations turns) {
    return new ClassChoice(config, turns, i.set(), i.split(), say);
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
        examples
            .flatMap(e -> e.classes().attributes())
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
    return features
        .<Examples>map(f -> f)
        .orElseGet(
            () -> {
              Uploaded e = examples.orElseThrow();
              return Examples.of(engine, e.set(), e.resident(), moves);
            });
  }
}
