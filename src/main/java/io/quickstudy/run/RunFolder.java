package io.quickstudy.run;

import com.fasterxml.jackson.core.type.TypeReference;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The folder that a run is: config.yaml, metrics.jsonl and checkpoints; data.json, by which its
 * images are recognised; choices.json where the device chose between ways that round differently;
 * and calibration.json, which says how sure its answers may be. While it is trained, a {@link
 * RunLock} is held.
 */
public final class RunFolder {
  private static final int MAX_CHOICES = 1 << 20;
  private static final int MAX_DATA = 1 << 26; // 100,000 names have some megabytes
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  private static final int ATTEMPTS = 3;

  private final Path path;
  private final RunConfig config;
  private final CheckpointChoice choice;
  private Consumer<Map<String, Object>> watcher = line -> {};

  private RunFolder(Path path, RunConfig config, CheckpointChoice choice) {
    this.path = path;
    this.config = config;
    this.choice = choice;
  }

  /** Where a run goes that was given no place: runs/LEARNER-DATA-TIME. */
  public static Path fresh(RunConfig config) {
    String name =
        "%s-%s-%s"
            .formatted(
                plain(config.learner().name()), plain(config.data().name()), STAMP.format(now()));
    Path p = Path.of("runs", name);
    for (int i = 2; Files.exists(p); i++) {
      p = Path.of("runs", name + "-" + i);
    }
    return p;
  }

  /** A name without its package. */
  private static String plain(String name) {
    return name.substring(name.lastIndexOf('.') + 1).replace('$', '-');
  }

  private static LocalDateTime now() {
    return LocalDateTime.now(java.time.ZoneId.systemDefault());
  }

  /** Whether a folder holds a run. */
  public static boolean holdsRun(Path path) {
    return Files.exists(configFile(path))
        || Files.exists(path.resolve("metrics.jsonl"))
        || Files.exists(path.resolve("checkpoints"));
  }

  /**
   * Checks that a run can begin in a folder.
   *
   * @throws ConfigException if it holds a run already, or is none
   */
  public static void refuseIfHeld(Path path) {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new ConfigException(
          "'%s' is a file: expected a folder for the run; choose another --out.".formatted(path));
    }
    if (holdsRun(path)) {
      throw new ConfigException(
          ("Folder '%s' holds a run: expected a new folder; add --resume to go on with it, or "
                  + "choose another --out.")
              .formatted(path));
    }
  }

  /**
   * A run that is about to begin; nothing is written before it does.
   *
   * @throws ConfigException if the folder holds a run already
   */
  public static RunFolder create(Path path, RunConfig config) {
    refuseIfHeld(path);
    return new RunFolder(path, config, CheckpointChoice.BEST);
  }

  /**
   * Opens a run.
   *
   * @throws ConfigException if the folder holds none, or its configuration is damaged
   */
  public static RunFolder open(Path path) {
    if (!Files.exists(configFile(path))) {
      String found = Files.exists(path) ? "holds no run" : "does not exist";
      throw new ConfigException(
          "Folder '%s' %s: expected one with a config.yaml, as train makes it; check the path."
              .formatted(path, found));
    }
    return new RunFolder(
        path, RunKeys.parse(ConfigFile.read(configFile(path))), CheckpointChoice.BEST);
  }

  /** The same run with another configuration, which is written when it goes on. */
  public RunFolder with(RunConfig changed) {
    return new RunFolder(path, changed, choice);
  }

  /** The same run, put to work with another checkpoint than the best. */
  public RunFolder using(CheckpointChoice other) {
    return new RunFolder(path, config, other);
  }

  /**
   * Writes the configuration.
   *
   * @throws RunException if the folder cannot be written
   */
  public void begin() {
    try {
      SafeFiles.folder(path);
      SafeFiles.write(configFile(path), ConfigFile.bytes(config, configFile(path)));
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  /**
   * What was chosen by measuring when the run began; nothing where all is given by the device.
   *
   * @throws RunException if it cannot be read
   */
  public Map<String, String> choices() {
    Map<String, String> choices = choicesFile().read().orElse(Map.of());
    if (choices.values().stream().anyMatch(Objects::isNull)) {
      throw choicesFile().unreadable("it has null where a text should be", null);
    }
    return choices;
  }

  /** Keeps choices for when the run goes on. */
  public void keep(Map<String, String> choices) {
    if (!choices.isEmpty()) {
      write(choicesFile(), choices);
    }
  }

  private JsonFile<Map<String, String>> choicesFile() {
    return new JsonFile<>(
        path.resolve("choices.json"),
        MAX_CHOICES,
        new TypeReference<Map<String, String>>() {},
        "texts by name",
        "what was chosen when the run began; delete it, and the run goes on with new choices and"
            + " other last bits");
  }

  /**
   * The images it is trained on; nothing for sinusoids, and for runs from before that was kept.
   *
   * @throws RunException if that cannot be read
   */
  public Optional<RunData> data() {
    return dataFile().read();
  }

  /** Keeps what it is trained on, to be recognised when it goes on or is measured. */
  public void keep(RunData data) {
    write(dataFile(), data);
  }

  private JsonFile<RunData> dataFile() {
    return new JsonFile<>(
        path.resolve("data.json"),
        MAX_DATA,
        new TypeReference<RunData>() {},
        "the data of a run",
        "the data that the run began with; delete it, and whatever is there now is taken for that");
  }

  /**
   * How sure its answers may be; nothing for curves, and before that was found.
   *
   * @throws RunException if it cannot be read
   */
  public Optional<RunCalibration> calibration() {
    return calibrationFile().read();
  }

  /** Keeps how sure its answers may be. */
  public void keep(RunCalibration calibration) {
    write(calibrationFile(), calibration);
  }

  private JsonFile<RunCalibration> calibrationFile() {
    return new JsonFile<>(
        path.resolve("calibration.json"),
        MAX_CHOICES,
        new TypeReference<RunCalibration>() {},
        "what calibrate finds",
        "the temperature that calibrate wrote; delete it, and say calibrate again");
  }

  private <T> void write(JsonFile<T> file, T value) {
    try {
      file.write(value);
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private static Path configFile(Path path) {
    return path.resolve("config.yaml");
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** What is run. */
  public RunConfig config() {
    return config;
  }

  /** Its checkpoints. */
  public Checkpoints checkpoints() {
    return new Checkpoints(path.resolve("checkpoints"));
  }

  /** Has every line of metrics handed on, once it is written. */
  public void watch(Consumer<Map<String, Object>> lines) {
    watcher = lines;
  }

  /**
   * The checkpoint that is put to work: the best by validation, unless another was {@link #using
   * chosen}, without the optimiser's numbers. Of a run that knows no best one, it is the newest
   * whole one.
   *
   * @param warn is told of each damaged one, in one sentence
   * @throws RunException if there is none, or another version of Quickstudy made it, whose learner
   *     had other parameters
   */
  public Checkpoint trained(Consumer<String> warn) {
    Checkpoints all = checkpoints().ofModels();
    if (choice.step().isPresent()) {
      return ofThisVersion(all.read(choice.step().getAsInt()));
    }
    Set<String> told = new HashSet<>(); // the best is met again among the newest
    Consumer<String> once = line -> Optional.of(line).filter(told::add).ifPresent(warn);
    Optional<Checkpoint> found = choice.isBest() ? best(all, once) : Optional.empty();
    for (int i = 0; i < ATTEMPTS && found.isEmpty(); i++) {
      found = all.newest(once); // a run in progress may delete one that was just listed
    }
    return ofThisVersion(
        found.orElseThrow(
            () ->
                new RunException(
                    ("Run '%s' has no whole checkpoint: expected one in its folder checkpoints; "
                            + "train it first.")
                        .formatted(path))));
  }

  /**
   * A checkpoint that has every number of its learner.
   *
   * @throws RunException if it has not
   */
  private Checkpoint ofThisVersion(Checkpoint c) {
    Set<String> has = c.theta().keySet();
    Components.drawn(Components.trained(config, 1), 0).names().stream()
        .filter(n -> !has.contains(n))
        .findFirst()
        .ifPresent(
            n -> {
              throw new RunException(
                  "Run '%s' has no '%s', which %s learns in this version: expected a checkpoint of a version that had it; train it anew, or use the version that trained it."
                      .formatted(path, n, config.learner().name()));
            });
    return c;
  }

  /** The best, where it is known and whole; a run in progress may put another in its place. */
  private static Optional<Checkpoint> best(Checkpoints all, Consumer<String> warn) {
    for (int i = 1; i <= ATTEMPTS; i++) {
      try {
        return all.best().map(b -> all.read(b.step()));
      } catch (RunException e) {
        if (i == ATTEMPTS) {
          warn.accept(e.getMessage());
        }
      }
    }
    return Optional.empty();
  }

  /**
   * A step of a checkpoint in words: "step 4800, the best by validation", "step 6000, the newest".
   */
  public String inWords(int step) {
    return "step " + step + checkpoints().role(step).map(r -> ", the " + r.words()).orElse("");
  }

  /** Adds a line to metrics.jsonl. */
  public void log(Map<String, Object> line) {
    try {
      metricsFile().add(line);
    } catch (IOException e) {
      throw cannotWrite(e);
    }
    watcher.accept(line);
  }

  /**
   * Drops the lines of steps behind the one from which the run goes on, those that are made again
   * in any case, and torn ones.
   */
  public void forgetAfter(int step) {
    try {
      metricsFile().forgetAfter(step);
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  /** Whether training came to its end, by its steps, by {@code --patience} or {@code --minutes}. */
  public boolean isFinished() {
    return isFinished(checkpoints().steps().stream().findFirst().orElse(0), metrics());
  }

  /** The same with what is known already: the newest checkpoint and the metrics. */
  boolean isFinished(int done, Metrics metrics) {
    return done >= config.run().steps() || metrics.ended().isPresent();
  }

  /** The last step that metrics.jsonl tells of; 0 where it tells of none. */
  public int logged() {
    return metrics().logged();
  }

  /** The device that it was last trained on, as metrics.jsonl tells. */
  public Optional<String> device() {
    return metrics().device();
  }

  /** Whether metrics.jsonl has the measurement on validation classes after a step. */
  public boolean isValidated(int step) {
    return metrics().isValidated(step);
  }

  /** What metrics.jsonl tells now. */
  public Metrics metrics() {
    return metricsFile().read();
  }

  private MetricsFile metricsFile() {
    return new MetricsFile(path.resolve("metrics.jsonl"));
  }

  private RunException cannotWrite(IOException e) {
    return new RunException(
        ("Folder '%s' cannot be written (%s): expected room on the disk and the right to "
                + "write; repair that or choose another --out.")
            .formatted(path, SafeFiles.reason(e)),
        e);
  }
}
