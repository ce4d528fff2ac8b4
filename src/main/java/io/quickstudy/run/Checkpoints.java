package io.quickstudy.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: {@code step-NNNNNNN.safetensors} with the tensors and {@code
 * step-NNNNNNN.json} with the counters and the tensors' checksum. The latter is written last: a
 * checkpoint without it does not count. The newest two are kept.
 */
public final class Checkpoints {
  private static final Pattern NAME = Pattern.compile("step-(\\d{7,9})\\.json");
  private static final int KEPT = 2;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;

  Checkpoints(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes one and deletes those that are no longer needed.
   *
   * @throws RunException if it cannot be written
   */
  public void write(Checkpoint c) {
    try {
      Files.createDirectories(folder);
      byte[] tensors = Safetensors.write(c.tensors());
      SafeFiles.write(tensors(c.step()), tensors);
      ObjectNode counters = JSON.createObjectNode();
      counters.put("step", c.step()).put("seconds", c.seconds());
      counters.put("sha256", sha256(tensors));
      byte[] text = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(counters);
      SafeFiles.write(counters(c.step()), text);
      prune();
    } catch (IOException e) {
      throw new RunException(
          ("Checkpoint of step %d cannot be written to '%s' (%s): expected room on the disk "
                  + "and the right to write; repair that and go on with --resume.")
              .formatted(c.step(), folder, e.getMessage()),
          e);
    }
  }

  /** The steps of which there is a checkpoint, the newest first. */
  public List<Integer> steps() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(f -> NAME.matcher(f.getFileName().toString()))
          .filter(Matcher::matches)
          .map(m -> Integer.valueOf(m.group(1)))
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (IOException e) {
      throw new RunException(
          "Folder '%s' cannot be read (%s): expected checkpoints; check its permissions."
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  /**
   * The newest checkpoint that is whole; damaged ones are passed over.
   *
   * @param warn is told of each damaged one, in one sentence
   */
  public Optional<Checkpoint> newest(java.util.function.Consumer<String> warn) {
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
    Path file = tensors(step);
    try {
      JsonNode counters = JSON.readTree(Files.readAllBytes(counters(step)));
      byte[] bytes = Files.readAllBytes(file);
      if (!sha256(bytes).equals(counters.path("sha256").asText())
          || counters.path("step").asInt(-1) != step) {
        throw new RunException(
            ("Checkpoint '%s' is damaged: expected the checksum in %s; an older one is used "
                    + "if there is one.")
                .formatted(file, counters(step).getFileName()));
      }
      return Checkpoint.of(
          step, counters.path("seconds").asDouble(), Safetensors.read(file.toString(), bytes));
    } catch (NoSuchFileException e) {
      throw new RunException(
          "Checkpoint '%s' is not there: expected one; there are those of steps %s."
              .formatted(file, steps()),
          e);
    } catch (IOException e) {
      throw new RunException(
          ("Checkpoint '%s' cannot be read (%s): expected a whole one; an older one is used "
                  + "if there is one.")
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private void prune() throws IOException {
    List<Integer> steps = steps();
    List<Path> old = new ArrayList<>();
    for (int step : steps.subList(Math.min(KEPT, steps.size()), steps.size())) {
      old.add(counters(step)); // first: tensors alone are no checkpoint
      old.add(tensors(step));
    }
    for (Path p : old) {
      Files.deleteIfExists(p);
    }
  }

  private Path tensors(int step) {
    return folder.resolve("step-%07d.safetensors".formatted(step));
  }

  private Path counters(int step) {
    return folder.resolve("step-%07d.json".formatted(step));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
