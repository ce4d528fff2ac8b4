package io.quickstudy.train;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Split;
import io.quickstudy.data.glyphs.GlyphSet;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.settings.ConfigException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** Small runs. */
public final class RunFixtures {
  private static final Map<Integer, ImageSet> DRAWN = new ConcurrentHashMap<>();

  private RunFixtures() {}

  /** Pairs as a map. */
  public static Map<String, String> map(String... pairs) {
    Map<String, String> m = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      m.put(pairs[i], pairs[i + 1]);
    }
    return m;
  }

  /** A configuration with few tasks to measure, two workers and these values. */
  public static RunConfig config(String... pairs) {
    Map<String, String> m =
        map("eval-every", "0", "eval-episodes", "64", "val-episodes", "16", "workers", "2");
    m.putAll(map(pairs));
    return Recipes.complete(m);
  }

  /** MAML on sine waves. */
  public static RunConfig sinusoid(String... pairs) {
    Map<String, String> m = map("data", "sinusoid", "steps", "30", "meta-batch", "5");
    m.putAll(map(pairs));
    return config(flat(m));
  }

  /** Prototypical networks on small glyphs. */
  public static RunConfig glyphs(String... pairs) {
    Map<String, String> m =
        map("size", "14", "blocks", "2", "filters", "8", "ways", "10", "eval-ways", "5");
    m.putAll(map("steps", "20"));
    m.putAll(map(pairs));
    if ("mlp".equals(m.get("model"))) {
      m.remove("blocks"); // it has no such options
      m.remove("filters");
    }
    return config(flat(m));
  }

  /** A short recurrent learner on small glyphs. */
  public static RunConfig sequences(String... pairs) {
    Map<String, String> m = map("learner", "lstm", "size", "14", "hidden", "12", "ways", "3");
    m.putAll(map("shots", "4", "steps", "6", "meta-batch", "4"));
    m.putAll(map(pairs));
    return config(flat(m));
  }

  private static String[] flat(Map<String, String> m) {
    return m.entrySet().stream()
        .flatMap(e -> java.util.stream.Stream.of(e.getKey(), e.getValue()))
        .toArray(String[]::new);
  }

  /** Trains, in a new folder or one that holds the same run. */
  public static Trainer.Result train(Path path, RunConfig config) {
    return train(path, config, Integer.MAX_VALUE);
  }

  /** As {@link #train(Path, RunConfig)}, but asks to stop after so many steps. */
  public static Trainer.Result train(Path path, RunConfig config, int stopAfter) {
    RunFolder folder =
        RunFolder.holdsRun(path) ? RunFolder.open(path) : RunFolder.create(path, config);
    int[] steps = {0};
    TrainListener counter =
        new TrainListener() {
          @Override
          public void step(Progress p) {
            steps[0]++;
          }
        };
    try (Session session = session(config);
        Trainer trainer = new Trainer(session, folder, counter)) {
      return trainer.run(() -> steps[0] >= stopAfter);
    }
  }

  /** A session with the few characters that tests draw. */
  public static Session session(RunConfig config) {
    return session(config, config.classifies() ? drawn(config.tasks().size()) : null);
  }

  /** A session with these images in place of those that the configuration names. */
  public static Session session(RunConfig config, ImageSet set) {
    try {
      return Session.open(config, data(config, set));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  /** The few characters that tests draw, or the curves of a configuration. */
  static DataSource.Loaded data(RunConfig config) {
    return data(config, config.classifies() ? drawn(config.tasks().size()) : null);
  }

  private static DataSource.Loaded data(RunConfig config, ImageSet set) {
    return set == null
        ? config.data().load(config.request(), TrainListener.NONE)
        : new DataSource.Loaded.Images(set, split(config, set), attributes(config, set));
  }

  /** What classes are like, where a configuration asks: glyphs as they are, others at random. */
  static Optional<Attributes> attributes(RunConfig config, ImageSet set) {
    if (!config.request().described()) {
      return Optional.empty();
    }
    if (set.name().equals("glyphs")) {
      int alphabets = (int) set.classes().stream().map(ImageClass::group).distinct().count();
      int characters = set.classes().size() / alphabets;
      return Optional.of(new GlyphSet(alphabets, characters, set.height(), 0).attributes());
    }
    List<String> names =
        IntStream.range(0, config.tasks().attributeCount()).mapToObj(i -> "a" + i).toList();
    List<String> classes = set.classes().stream().map(ImageClass::fullName).toList();
    RandomStream random = new RandomStream(1, RandomUse.NOISE, 0);
    float[] values = new float[names.size() * classes.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble();
    }
    return Optional.of(new Attributes(names, classes, values));
  }

  private static Split split(RunConfig config, ImageSet set) {
    return config.tasks().split().equals(Split.HELDOUT)
        ? Split.heldout(set)
        : Split.randomTrainAndTest(set, config.run().seed());
  }

  /** The few characters that tests draw. */
  public static ImageSet drawn(int size) {
    return DRAWN.computeIfAbsent(size, s -> new GlyphSet(10, 12, s, 0).draw());
  }

  /** Measures on test classes. */
  public static Evaluation measure(RunConfig config, Trainer.Result trained) {
    try (Session session = session(config);
        Evaluator e = new Evaluator(session, EvalSpec.test(config), trained.theta())) {
      return e.measure(trained.theta(), TrainListener.NONE);
    }
  }
}
