package io.quickstudy.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.backend.MemoryLimit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The folder that a run is: config.yaml, metrics.jsonl and checkpoints; and choices.json where the
 * device chose between ways that round differently.
 */
public final class RunFolder {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  private final Path path;
  private final RunConfig config;
  private Consumer<Map<String, Object>> watcher = line -> {};

  private RunFolder(Path path, RunConfig config) {
    this.path = path;
    this.config = config;
  }

  /** Where a run goes that was given no place: runs/LEARNER-DATA-TIME. */
  public static Path fresh(RunConfig config) {
    String name = "%s-%s-%s".formatted(config.learner(), config.data(), STAMP.format(now()));
    Path p = Path.of("runs", name);
    for (int i = 2; Files.exists(p); i++) {
      p = Path.of("runs", name + "-" + i);
    }
    return p;
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
   * @throws ConfigException if it holds a run already
   */
  public static void refuseIfHeld(Path path) {
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
    Map<String, String> texts = new LinkedHashMap<>(ConfigFile.read(configFile(path)));
    texts.putIfAbsent("memory-limit", MemoryLimit.UNLIMITED); // runs from before there was one
    texts.putIfAbsent("precision", "fp32"); // in runs from before there was another
    return new RunFolder(path, ConfigKeys.parse(texts));
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
      Files.createDirectories(path);
      SafeFiles.write(configFile(path), ConfigFile.bytes(config));
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  /** What was chosen by measuring when the run began; nothing where all is given by the device. */
  public Map<String, String> choices() {
    if (!Files.exists(choicesFile())) {
      return Map.of();
    }
    try {
      return JSON.readValue(
          Files.readAllBytes(choicesFile()), new TypeReference<Map<String, String>>() {});
    } catch (IOException e) {
      throw new RunException(
          ("File '%s' cannot be read (%s): expected what was chosen when the run began; delete it,"
                  + " and the run goes on with new choices and other last bits.")
              .formatted(choicesFile(), e.getMessage()),
          e);
    }
  }

  /** Keeps choices for when the run goes on. */
  public void keep(Map<String, String> choices) {
    if (choices.isEmpty()) {
      return;
    }
    try {
      SafeFiles.write(
          choicesFile(), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(choices));
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private Path choicesFile() {
    return path.resolve("choices.json");
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

  /** Adds a line to metrics.jsonl. */
  public void log(Map<String, Object> line) {
    try {
      Files.writeString(
          metrics(),
          JSON.writeValueAsString(line) + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw cannotWrite(e);
    }
    watcher.accept(line);
  }

  /**
   * Drops the lines of steps behind the one from which the run goes on, those of tests, which are
   * made again, and a torn last line.
   */
  public void forgetAfter(int step) {
    if (!Files.exists(metrics())) {
      return;
    }
    try {
      String kept =
          Files.readAllLines(metrics(), StandardCharsets.UTF_8).stream()
              .filter(line -> stepOf(line) <= step)
              .map(line -> line + "\n")
              .collect(Collectors.joining());
      SafeFiles.write(metrics(), kept.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private static int stepOf(String line) {
    try {
      JsonNode n = JSON.readTree(line);
      boolean test = n.path("split_part").asText().equals("test");
      return test ? Integer.MAX_VALUE : n.path("step").asInt(Integer.MAX_VALUE);
    } catch (JsonProcessingException e) {
      return Integer.MAX_VALUE; // torn when the run was killed
    }
  }

  private Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  private RunException cannotWrite(IOException e) {
    return new RunException(
        ("Folder '%s' cannot be written (%s): expected room on the disk and the right to "
                + "write; repair that or choose another --out.")
            .formatted(path, e.getClass().getSimpleName() + ": " + e.getMessage()),
        e);
  }
}
