package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.Fingerprint;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Split;
import io.quickstudy.data.glyphs.GlyphSet;
import io.quickstudy.data.image.FolderData;
import io.quickstudy.data.image.FolderSplit;
import io.quickstudy.data.sampling.EpisodeSampler;
import io.quickstudy.data.sampling.EpisodeSpec;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.data.sampling.SequenceSampler;
import io.quickstudy.data.sampling.SequenceSpec;
import io.quickstudy.data.source.Omniglot;
import io.quickstudy.data.source.Sinusoids;
import io.quickstudy.run.ConfigException;
import io.quickstudy.run.ConfigKeys;
import io.quickstudy.run.DataName;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunData;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Engine;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a run works with: the device, and the data upon it. Close it to free both. */
public final class Session implements AutoCloseable {
  /** Which drawings there are is part of what the name "glyphs" means; no run changes it. */
  private static final long GLYPHS_SEED = 0;

  private final RunConfig config;
  private final Engine engine;
  private final ImageSet set;
  private final Split split;
  private final Resident pixels;

  private Session(RunConfig config, Engine engine, ImageSet set, Split split) {
    this.config = config;
    this.engine = engine;
    this.set = set;
    this.split = split;
    this.pixels = set == null ? null : Images.upload(engine, set);
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
    Parts.check(config);
    Session s;
    if (config.data() == DataName.FOLDER) {
      FolderData data = folder(config, listener);
      s = open(config, data.images(), data.split());
    } else {
      s = open(config, load(config, listener));
    }
    s.engine.note().ifPresent(why -> listener.message("using the CPU: " + why));
    return s;
  }

  /**
   * As {@link #open(RunConfig, TrainListener)}, with images that are there already.
   *
   * @param set what takes the place of the data that the configuration names; null for sinusoids
   */
  static Session open(RunConfig config, ImageSet set) {
    try {
      Split split =
          set == null ? null : Split.of(Split.Rule.of(config.split()), set, config.seed());
      return open(config, set, split);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  private static Session open(RunConfig config, ImageSet set, Split split) {
    Engine engine = Engine.open(config.device(), config.workers(), config.precision());
    try {
      return new Session(config, engine, set, split);
    } catch (RuntimeException | Error e) {
      engine.close();
      throw e;
    }
  }

  private static ImageSet load(RunConfig c, TrainListener listener) {
    Path folder = c.dataDir().isEmpty() ? null : Path.of(c.dataDir());
    return switch (c.data()) {
      case SINUSOID, FOLDER -> null;
      case GLYPHS -> GlyphSet.usual(c.size(), GLYPHS_SEED).draw();
      case OMNIGLOT -> {
        Path found = Omniglot.findOrDownload(folder, listener::download);
        listener.message("reading omniglot from " + found);
        yield Omniglot.load(found, c.size());
      }
    };
  }

  private static FolderData folder(RunConfig c, TrainListener listener) {
    try {
      return FolderData.load(
          Path.of(c.dataDir()),
          FolderSplit.of(c.split()),
          c.size(),
          c.channels(),
          c.ink(),
          c.seed(),
          listener);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
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
    if (config.evalEvery() > 0) {
      measured(EvalSpec.validation(config));
    }
    return this;
  }

  /** The tasks to train on. */
  TaskSource training() {
    enough(Split.Part.TRAIN, config.ways(), "ways");
    return source(
        Split.Part.TRAIN, config.ways(), config.shots(), config.queries(), config.maxShift());
  }

  /** The tasks to measure on; test sequences are not shifted. */
  TaskSource measured(EvalSpec spec) {
    enough(spec.part(), spec.ways(), "eval-ways");
    return source(spec.part(), spec.ways(), spec.shots(), spec.queries(), 0);
  }

  private void enough(Split.Part part, int ways, String option) {
    if (set == null) {
      return;
    }
    int turns = config.rotations() == Rotations.CLASSES ? 4 : 1;
    int classes = split.classes(part).length;
    if (ways > turns * classes) {
      String name = ConfigKeys.format(part);
      throw new ConfigException(
          ("Option --%s is %d: expected at most %d, the %s classes of '%s' in split %s of train,"
                  + " val and test%s; choose fewer or add classes%s.")
              .formatted(
                  option,
                  ways,
                  turns * classes,
                  name,
                  set.name(),
                  split,
                  turns == 1 ? "" : ", each in 4 rotations",
                  part == Split.Part.VAL ? ", or say --eval-every 0" : ""));
    }
  }

  private TaskSource source(Split.Part part, int ways, int shots, int queries, int maxShift) {
    try {
      if (set == null) {
        return new WaveSource(Sinusoids.tasks(config.seed()), shots, queries);
      }
      int[] classes = split.classes(part);
      Rotations turns = config.rotations();
      if (config.learner().sequential()) {
        SequenceSpec spec = new SequenceSpec(ways, Math.multiplyExact(ways, shots));
        SequenceSampler s = new SequenceSampler(set, classes, turns, maxShift, spec, config.seed());
        return new SequenceSource(s, images(s.moves()));
      }
      EpisodeSpec spec = new EpisodeSpec(ways, shots, queries);
      EpisodeSampler s = new EpisodeSampler(set, classes, turns, spec, config.seed());
      return new EpisodeSource(s, images(s.moves()));
    } catch (IllegalArgumentException | ArithmeticException e) {
      String of =
          set == null
              ? ""
              : "The %s classes of split '%s': ".formatted(ConfigKeys.format(part), config.split());
      throw new ConfigException(of + e.getMessage(), e);
    }
  }

  private Images images(PixelMoves moves) {
    return new Images(set, pixels, Images.upload(engine, moves));
  }

  /** What the run is. */
  public RunConfig config() {
    return config;
  }

  /** The device. */
  Engine engine() {
    return engine;
  }

  /** The device as it is named in results. */
  public String device() {
    return engine.device();
  }

  /** The data in words. */
  public String describe() {
    return set == null ? Sinusoids.tasks(config.seed()).about() : set + ", split " + split;
  }

  /** What training on it is trained on, as a run keeps it; nothing for sinusoids. */
  Optional<RunData> data() {
    return set == null
        ? Optional.empty()
        : Optional.of(new RunData(describe(), Fingerprint.of(set, split), names(Split.Part.TRAIN)));
  }

  private List<String> names(Split.Part part) {
    return Arrays.stream(split.classes(part))
        .mapToObj(i -> set.classes().get(i).fullName())
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
    Optional<RunData> kept = run.data();
    if (set == null
        || kept.isEmpty()
        || spec.part() != Split.Part.TEST
        || run.config().data() != config.data()) {
      return Optional.empty();
    }
    RunData then = kept.get();
    List<String> tested = names(spec.part());
    List<String> known = then.trainedOf(tested);
    if (!known.isEmpty()) {
      return Optional.of(
          ("%d of the %d classes that are tested have names of classes that '%s' was trained on,"
                  + " such as '%s': expected new ones; use the data and the split of its training.")
              .formatted(known.size(), tested.size(), run.path(), known.getFirst()));
    }
    boolean same =
        config.split().equals(run.config().split())
            && config.dataDir().equals(run.config().dataDir());
    if (same && !then.sha256().equals(Fingerprint.of(set, split))) {
      return Optional.of(
          ("The data is no longer that which '%s' was trained on (%s): expected the same; say where"
                  + " it is.")
              .formatted(run.path(), then.change(describe())));
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    engine.close();
  }
}
