package io.quickstudy.run;

import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A run at a glance, without reading its tensors.
 *
 * @param path its folder
 * @param state how it stands
 * @param config how it is trained; nothing of a broken one whose configuration cannot be read
 * @param step steps done
 * @param validation the best on validation classes
 * @param test the result on test classes
 * @param seconds of training; NaN where nobody knows
 * @param when something was last written about it
 * @param fault of a broken one, in a sentence
 */
public record RunSummary(
    Path path,
    State state,
    Optional<RunConfig> config,
    int step,
    BestSoFar validation,
    Optional<Metrics.Measured> test,
    double seconds,
    Instant when,
    Optional<String> fault) {

  /** How a run stands. */
  public enum State {
    /** A process trains it. */
    RUNNING,
    /** It is not at its end, and goes on with {@code --resume}. */
    STOPPED,
    /** It came to its end. */
    FINISHED,
    /** It cannot be used: no configuration, or no checkpoint. */
    BROKEN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What may differ between runs of one configuration that are compared as seeds of it. */
  private static final Set<String> FREE =
      Set.of(
          "seed", "device", "workers", "memory-limit", "log-every", "checkpoint-every", "data-dir");

  /**
   * All runs in a folder, or the one that it is.
   *
   * @param runs in the order of their names; other things in it are passed over
   * @param others how many folders in it are no runs
   */
  public record Listing(List<RunSummary> runs, int others) {
    /** Copies the list. */
    public Listing {
      runs = List.copyOf(runs);
    }
  }

  /**
   * What is in a folder.
   *
   * @throws ConfigException if it is none, or cannot be read
   */
  public static Listing in(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new ConfigException(
          "'%s' %s: expected a folder of runs; check the path."
              .formatted(folder, Files.exists(folder) ? "is a file" : "does not exist"));
    }
    if (RunFolder.holdsRun(folder)) {
      return new Listing(List.of(of(folder)), 0);
    }
    List<RunSummary> runs = new ArrayList<>();
    int others = 0;
    try (Stream<Path> all = Files.list(folder)) {
      for (Path p : all.filter(Files::isDirectory).sorted().toList()) {
        if (RunFolder.holdsRun(p)) {
          runs.add(of(p));
        } else {
          others++;
        }
      }
    } catch (IOException e) {
      throw new ConfigException(
          "Folder '%s' cannot be read (%s): expected runs in it; check its permissions."
              .formatted(folder, SafeFiles.reason(e)),
          e);
    }
    return new Listing(runs, others);
  }

  /** A run; whatever is wrong with it makes it a broken one. */
  static RunSummary of(Path path) {
    try {
      RunFolder run = RunFolder.open(path);
      RunConfig c = run.config();
      Metrics metrics = run.metrics();
      boolean held = RunLock.isHeld(path);
      List<Integer> steps = run.checkpoints().steps();
      int newest = steps.isEmpty() ? 0 : steps.getFirst();
      State state =
          held
              ? State.RUNNING
              : steps.isEmpty()
                  ? State.BROKEN
                  : run.isFinished(newest, metrics) ? State.FINISHED : State.STOPPED;
      return new RunSummary(
          path,
          state,
          Optional.of(c),
          Math.max(metrics.logged(), newest),
          metrics.best(c.data().kind().metric(), Map.of(), step -> true),
          metrics.test(),
          metrics.seconds(),
          when(path),
          state == State.BROKEN ? Optional.of("it has no checkpoint") : Optional.empty());
    } catch (ConfigException | RunException e) {
      return broken(path, e.getMessage());
    } catch (LinkageError e) {
      return broken(path, e.toString()); // of a class of somebody's own
    }
  }

  private static RunSummary broken(Path path, String why) {
    return new RunSummary(
        path,
        State.BROKEN,
        Optional.empty(),
        0,
        BestSoFar.NONE,
        Optional.empty(),
        Double.NaN,
        when(path),
        Optional.of(why));
  }

  private static Instant when(Path path) {
    long millis =
        Stream.of("metrics.jsonl", "config.yaml", ".")
            .mapToLong(file -> path.resolve(file).toFile().lastModified()) // 0 of none
            .filter(time -> time > 0)
            .findFirst()
            .orElse(0);
    return Instant.ofEpochMilli(millis);
  }

  /** The folder's name. */
  public String name() {
    return path.toAbsolutePath().normalize().getFileName().toString();
  }

  /**
   * What runs have in common that are seeds of one configuration; nothing of one that has no result
   * to compare.
   */
  public Optional<Map<String, String>> configuration() {
    if (state != State.FINISHED || test.isEmpty() || config.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> texts = new LinkedHashMap<>(RunKeys.texts(config.get()));
    texts.keySet().removeAll(FREE);
    return Optional.of(texts);
  }
}
