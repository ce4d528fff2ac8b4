package io.quickstudy.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quickstudy.data.Metric;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: {@code step-NNNNNNN.safetensors} with the tensors and {@code
 * step-NNNNNNN.json} with the counters and the tensors' checksum. The latter is written last: a
 * checkpoint without it is not whole. The newest two are kept, and the best, which {@code
 * best.json} names.
 */
public final class Checkpoints {
  private static final Pattern NAME = Pattern.compile("step-(\\d{7,9})\\.(json|safetensors)");
  private static final String TEMPORARY = ".*\\.(json|safetensors)\\" + SafeFiles.TEMPORARY;
  private static final int KEPT = 2;
  private static final long MAX_COUNTERS = 1 << 20;
  private static final String UNLOGGED = "unlogged";
  private static final String SHA_256 = "sha256";
  private static final String CRC = "crc32c";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final Predicate<String> read;

  Checkpoints(Path folder) {
    this(folder, name -> true);
  }

  private Checkpoints(Path folder, Predicate<String> read) {
    this.folder = folder;
    this.read = read;
  }

  /**
   * The same checkpoints, of which the model's parameters, buffers and their moving average alone
   * are read: with Adam a third of the numbers.
   */
  public Checkpoints ofModels() {
    return new Checkpoints(folder, Checkpoint::isModels);
  }

  /**
   * Writes one and deletes those that are no longer needed.
   *
   * @throws RunException if it cannot be written; those before it are then as they were
   */
  public void write(Checkpoint c) {
    try {
      SafeFiles.folder(folder);
      byte[] tensors = Safetensors.write(c.tensors());
      SafeFiles.write(tensors(c.step()), tensors);
      ObjectNode counters = JSON.createObjectNode();
      counters.put("step", c.step()).put("seconds", c.seconds());
      counters.put(SHA_256, Checksums.sha256(tensors)).put(CRC, Checksums.crc32c(tensors));
      Checkpoint.Window w = c.unlogged();
      if (w.steps() > 0) {
        ObjectNode sums = counters.putObject(UNLOGGED);
        sums.put("steps", w.steps()).put("loss", w.loss()).put("accuracy", w.accuracy());
      }
      byte[] text = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(counters);
      SafeFiles.write(counters(c.step()), text);
      deleteOld();
    } catch (IOException e) {
      throw new RunException(
          ("Checkpoint of step %s cannot be written to '%s' (%s): expected room on the disk "
                  + "and the right to write; repair that and go on with --resume.")
              .formatted(c.step(), folder, SafeFiles.reason(e)),
          e);
    }
  }

  private void deleteOld() throws IOException {
    List<Integer> steps = steps();
    Set<Integer> kept = new HashSet<>(steps.subList(0, Math.min(KEPT, steps.size())));
    pointer().ifPresent(b -> kept.addAll(b.keep()));
    delete(step -> !kept.contains(step));
  }

  /**
   * What best.json says.
   *
   * @param step the best checkpoint
   * @param value what was measured of it on validation classes
   * @param ci95 half the width of its interval; null of one task
   * @param metric what was measured
   * @param keep steps that are kept: this one, and one that is the best again should the run go on
   */
  public record Best(
      @JsonProperty(required = true) int step,
      @JsonProperty(required = true) double value,
      Double ci95,
      @JsonProperty(required = true) String metric,
      @JsonProperty(required = true) List<Integer> keep) {
    /** Copies the list. */
    public Best {
      keep = List.copyOf(keep);
    }
  }

  /**
   * The best by validation; nothing where no such measurement was made, as of old versions, or it
   * is no longer known.
   */
  public Optional<Best> best() {
    return pointer().filter(b -> steps().contains(b.step()));
  }

  /** A damaged one is as good as none: it says no more than which of the checkpoints to prefer. */
  private Optional<Best> pointer() {
    try {
      return bestFile().read();
    } catch (RunException e) {
      return Optional.empty();
    }
  }

  private JsonFile<Best> bestFile() {
    return new JsonFile<>(
        folder.resolve("best.json"),
        MAX_COUNTERS,
        new TypeReference<Best>() {},
        "the best checkpoint",
        "the step of the best checkpoint; delete it, and the newest is used");
  }

  /**
   * Keeps which is the best; where that is none, or is no longer there, none is.
   *
   * @param best how validations stand
   * @param regular how they stand without one that is made again should the run go on
   * @throws RunException if it cannot be written
   */
  public void keep(Metric metric, BestSoFar best, BestSoFar regular) {
    try {
      List<Integer> there = steps();
      if (there.contains(best.step())) {
        Double ci95 = Double.isNaN(best.ci95()) ? null : best.ci95();
        List<Integer> keep =
            Stream.of(best.step(), regular.step()).distinct().filter(there::contains).toList();
        bestFile().write(new Best(best.step(), best.value(), ci95, metric.toString(), keep));
        deleteOld();
      } else {
        Files.deleteIfExists(bestFile().path());
      }
    } catch (IOException e) {
      throw new RunException(
          "Which checkpoint of '%s' is the best cannot be written (%s): expected room on the disk and the right to write; repair that and go on with --resume."
              .formatted(folder, SafeFiles.reason(e)),
          e);
    }
  }

  /** What a checkpoint is to its run; nothing where it is neither the best nor the newest. */
  public Optional<CheckpointChoice.Role> role(int step) {
    if (best().filter(b -> b.step() == step).isPresent()) {
      return Optional.of(CheckpointChoice.Role.BEST);
    }
    boolean newest = steps().stream().findFirst().filter(n -> n == step).isPresent();
    return newest ? Optional.of(CheckpointChoice.Role.NEWEST) : Optional.empty();
  }

  /** The steps of which there is a checkpoint, or a part of one, the newest first. */
  public List<Integer> steps() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(f -> NAME.matcher(f.getFileName().toString()))
          .filter(Matcher::matches)
          .map(m -> Integer.valueOf(m.group(1)))
          .distinct()
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (IOException e) {
      throw new RunException(
          "Folder '%s' cannot be read (%s): expected checkpoints; check its permissions."
              .formatted(folder, SafeFiles.reason(e)),
          e);
    }
  }

  /**
   * The newest checkpoint that is whole; damaged ones are passed over.
   *
   * @param warn is told of each damaged one, in one sentence
   */
  public Optional<Checkpoint> newest(Consumer<String> warn) {
    for (int step : steps()) {
      try {
        return Optional.of(read(step));
      } catch (RunException e) {
        warn.accept(e.getMessage());
      }
    }
    return Optional.empty();
  }

  /**
   * Reads one.
   *
   * @throws RunException if it is not there or damaged
   */
  public Checkpoint read(int step) {
    if (!Files.exists(tensors(step)) && !Files.exists(counters(step))) {
      throw new RunException(
          "Checkpoint '%s' is not there: expected one; there are those of steps %s."
              .formatted(tensors(step), steps()));
    }
    String name = counters(step).getFileName().toString();
    try (FileChannel tensors = FileChannel.open(tensors(step), StandardOpenOption.READ)) {
      JsonNode counters = JSON.readTree(bytes(counters(step)));
      if (counters.path("step").asInt(-1) != step) {
        throw damaged(step, name + " does not say that it is of step " + step, null);
      }
      if (!isWhole(tensors, counters)) {
        throw damaged(step, "its checksum is not that in " + name, null);
      }
      return Checkpoint.of(
          step,
          counters.path("seconds").asDouble(),
          Safetensors.read(TensorFile.of(tensors(step).toString(), tensors), read),
          unlogged(counters.path(UNLOGGED), step));
    } catch (NoSuchFileException e) {
      throw damaged(step, Path.of(e.getFile()).getFileName() + " is missing", e);
    } catch (JsonProcessingException e) {
      throw damaged(step, name + " is no JSON", e);
    } catch (IOException e) {
      throw damaged(step, SafeFiles.reason(e), e);
    }
  }

  /** No steps where a checkpoint does not say so, as those of old versions. */
  private static Checkpoint.Window unlogged(JsonNode json, int step) {
    int steps = json.path("steps").asInt();
    double loss = json.path("loss").asDouble(Double.NaN);
    double accuracy = json.path("accuracy").asDouble(Double.NaN);
    boolean whole = steps > 0 && steps <= step && Double.isFinite(loss + accuracy);
    return whole ? new Checkpoint.Window(steps, loss, accuracy) : Checkpoint.Window.NONE;
  }

  private RunException damaged(int step, String why, IOException cause) {
    return new RunException(
        "Checkpoint '%s' is damaged (%s): expected a whole one; the one before it is tried instead."
            .formatted(tensors(step), why),
        cause);
  }

  private static byte[] bytes(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_COUNTERS) {
      throw new IOException(file.getFileName() + " has " + size + " bytes");
    }
    return Files.readAllBytes(file);
  }

  /**
   * Deletes what is newer than the step from which the run goes on, which is damaged and will be
   * made again, and what is left of files that were being written.
   *
   * @throws RunException if it cannot be deleted
   */
  public void forgetAfter(int last) {
    forget(step -> step > last);
  }

  /**
   * Deletes one.
   *
   * @throws RunException if it cannot be deleted
   */
  public void withdraw(int one) {
    forget(step -> step == one);
  }

  private void forget(IntPredicate steps) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try {
      delete(steps);
      List<Path> torn;
      try (Stream<Path> files = Files.list(folder)) {
        torn = files.filter(f -> f.getFileName().toString().matches(TEMPORARY)).toList();
      }
      for (Path file : torn) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new RunException(
          "Folder '%s' cannot be tidied (%s): expected the right to delete; check its permissions."
              .formatted(folder, SafeFiles.reason(e)),
          e);
    }
  }

  private void delete(IntPredicate which) throws IOException {
    for (int step : steps()) {
      if (which.test(step)) {
        Files.deleteIfExists(counters(step)); // first: tensors alone are no checkpoint
        Files.deleteIfExists(tensors(step));
      }
    }
  }

  /**
   * The length of a checkpoint's file of tensors.
   *
   * @throws RunException if it is not there
   */
  public long bytes(int step) {
    try {
      return Files.size(tensors(step));
    } catch (IOException e) {
      throw new RunException(
          "Checkpoint '%s' cannot be read (%s): expected that of step %s; check its permissions."
              .formatted(tensors(step), SafeFiles.reason(e), step),
          e);
    }
  }

  private Path tensors(int step) {
    return folder.resolve(String.format(Locale.ROOT, "step-%07d.safetensors", step));
  }

  private Path counters(int step) {
    return folder.resolve(String.format(Locale.ROOT, "step-%07d.json", step));
  }

  /**
   * Whether the tensors are those that were written, by the checksum that is fastest: SHA-256 takes
   * a second of a large network's, and is for other programs and for checkpoints that have no
   * other.
   */
  private static boolean isWhole(FileChannel tensors, JsonNode counters) throws IOException {
    return counters.has(CRC)
        ? counters.path(CRC).asText().equals(Checksums.crc32c(tensors))
        : counters.path(SHA_256).asText().equals(Checksums.sha256(tensors));
  }
}
