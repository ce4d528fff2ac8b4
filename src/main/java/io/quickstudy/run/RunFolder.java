package io.quickstudy.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
  private Consumer<Map<String, Object>> watcher = line -> {};

  private RunFolder(Path path, RunConfig config) {
    this.path = path;
    this.config = config;
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
    return new RunFolder(path, config);
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
    return new RunFolder(path, RunKeys.parse(ConfigFile.read(configFile(path))));
  }

  /** The same run with another configuration, which is written when it goes on. */
  public RunFolder with(RunConfig changed) {
    return new RunFolder(path, changed);
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
   * The newest whole checkpoint, to use what was trained.
   *
   * @param warn is told of each damaged one, in one sentence
   * @throws RunException if there is none
   */
  public Checkpoint trained(Consumer<String> warn) {
    Optional<Checkpoint> found = Optional.empty();
    for (int i = 0; i < ATTEMPTS && found.isEmpty(); i++) {
      found = checkpoints().newest(warn); // a run in progress may delete one that was just listed
    }
    return found.orElseThrow(
        () ->
            new RunException(
                ("Run '%s' has no whole checkpoint: expected one in its folder checkpoints; "
                        + "train it first.")
                    .formatted(path)));
  }

  /** Adds a line to metrics.jsonl. */
  public void log(Map<String, Object> line) {
    try {
      Files.writeString(
          metrics(),
          JsonFile.JSON.writeValueAsString(line) + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
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
    if (!Files.exists(metrics())) {
      return;
    }
    try {
      String kept =
          lines()
              .filter(l -> l.step() <= step && !l.isMadeAgain(step))
              .map(l -> l.text() + "\n")
              .collect(Collectors.joining());
      SafeFiles.write(metrics(), kept.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  /** A whole line of metrics.jsonl. */
  private record Line(String text, JsonNode json) {
    int step() {
      return json.path("step").asInt();
    }

    boolean isOf(String part) {
      return json.path("split_part").asText().equals(part);
    }

    /** Of a test at the end, or of a session that came no further than where this one begins. */
    boolean isMadeAgain(int begin) {
      return isOf("test") || (json.has("memory_bytes") && step() == begin);
    }
  }

  /** The last step that metrics.jsonl tells of; 0 where it tells of none. */
  public int logged() {
    return lines().mapToInt(Line::step).max().orElse(0);
  }

  /** The device that it was last trained on, as metrics.jsonl tells. */
  public Optional<String> device() {
    return lines()
        .filter(l -> l.json().has("memory_bytes"))
        .map(l -> l.json().path("device").asText())
        .filter(d -> !d.isEmpty())
        .reduce((first, second) -> second);
  }

  /** Whether metrics.jsonl has the measurement on validation classes after a step. */
  public boolean isValidated(int step) {
    return lines().anyMatch(l -> l.step() == step && l.isOf("val"));
  }

  /** The lines of metrics.jsonl that are whole. */
  private Stream<Line> lines() {
    if (!Files.exists(metrics())) {
      return Stream.empty();
    }
    try {
      // bytes that are no UTF-8 make a line that is no JSON
      String text = new String(Files.readAllBytes(metrics()), StandardCharsets.UTF_8);
      return text.lines()
          .map(l -> new Line(l, parsed(l)))
          .filter(l -> l.json().path("step").isInt());
    } catch (IOException e) {
      throw new RunException(
          "File '%s' cannot be read (%s): expected the run's metrics; check its permissions."
              .formatted(metrics(), SafeFiles.reason(e)),
          e);
    }
  }

  private static JsonNode parsed(String line) {
    try {
      return JsonFile.JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance(); // torn when the run was killed
    }
  }

  private Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  private RunException cannotWrite(IOException e) {
    return new RunException(
        ("Folder '%s' cannot be written (%s): expected room on the disk and the right to "
                + "write; repair that or choose another --out.")
            .formatted(path, SafeFiles.reason(e)),
        e);
  }
}
