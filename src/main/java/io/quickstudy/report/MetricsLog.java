package io.quickstudy.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.run.RunException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What metrics.jsonl says, by step; of two lines about one step the later counts. Numbers that are
 * missing or not within those of 32 bits are NaN.
 *
 * @param training lines of training, by step
 * @param validation measurements on validation classes, by step
 * @param test measurements on test classes, by step
 * @param sessions what each session of training began with, in order
 * @param unread lines that could not be read, such as one that is still being written
 */
record MetricsLog(
    List<Trained> training,
    List<Measured> validation,
    List<Measured> test,
    List<Planned> sessions,
    int unread) {

  /**
   * A line of training: means over the steps since the line before.
   *
   * @param watched what its learner has watched, such as learned rates, by name
   */
  record Trained(
      int step,
      double loss,
      double accuracy,
      double rate,
      Map<String, Double> watched,
      double stepsPerSecond,
      double seconds) {}

  /**
   * A measurement.
   *
   * @param likelihood the log-likelihood of values, of a learner that says how sure it is; else NaN
   * @param likelihoodCi95 half the width of its interval
   */
  record Measured(
      int step,
      String metric,
      double value,
      double ci95,
      int episodes,
      double likelihood,
      double likelihoodCi95) {}

  /** A session's beginning. */
  record Planned(
      int step,
      String device,
      long memoryBytes,
      int tasks,
      int tasksAtOnce,
      int workers,
      int repeated) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What is larger was no 32-bit float; and ranges of what is smaller can be reckoned with. */
  private static final double LARGEST = 1e38;

  /**
   * Reads a run's; a run that has none yet has no lines.
   *
   * @throws RunException if the file cannot be read
   */
  static MetricsLog read(Path run) {
    Path file = run.resolve("metrics.jsonl");
    if (!Files.exists(file)) {
      return parse("");
    }
    try {
      return parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new RunException(
          "File '%s' cannot be read (%s): expected the run's metrics; check its permissions."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /** Reads lines of JSON. */
  static MetricsLog parse(String text) {
    Map<Integer, Trained> training = new TreeMap<>();
    Map<Integer, Measured> validation = new TreeMap<>();
    Map<Integer, Measured> test = new TreeMap<>();
    List<Planned> sessions = new ArrayList<>();
    int unread = 0;
    for (String line : text.lines().filter(l -> !l.isBlank()).toList()) {
      JsonNode n = node(line);
      if (n == null || !n.isObject() || !n.path("step").isInt() || n.path("step").asInt() < 0) {
        unread++;
        continue;
      }
      int step = n.get("step").asInt();
      String part = n.path("split_part").asText();
      if (n.has("memory_bytes")) {
        sessions.add(planned(step, n));
      } else if (part.isEmpty() && n.has("loss")) {
        training.put(
            step,
            new Trained(
                step,
                number(n, "loss"),
                number(n, "accuracy"),
                number(n, "rate"),
                watched(n.path("watched")),
                number(n, "steps_per_second"),
                number(n, "seconds")));
      } else if (n.has("value")) {
        Measured m =
            new Measured(
                step,
                n.path("metric").asText(),
                number(n, "value"),
                number(n, "ci95"),
                n.path("episodes").asInt(),
                number(n, "log_likelihood"),
                number(n, "log_likelihood_ci95"));
        if (part.equals("test")) {
          test.put(step, m);
        } else if (part.equals("val")) {
          validation.put(step, m);
        }
      }
    }
    return new MetricsLog(
        List.copyOf(training.values()),
        List.copyOf(validation.values()),
        List.copyOf(test.values()),
        List.copyOf(sessions),
        unread);
  }

  private static JsonNode node(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return null; // torn when the run was killed, or not yet whole
    }
  }

  private static Map<String, Double> watched(JsonNode n) {
    Map<String, Double> m = new LinkedHashMap<>();
    n.fieldNames().forEachRemaining(name -> m.put(name, number(n, name)));
    return m;
  }

  private static Planned planned(int step, JsonNode n) {
    return new Planned(
        step,
        n.path("device").asText(),
        n.path("memory_bytes").asLong(),
        n.path("tasks").asInt(),
        n.path("tasks_at_once").asInt(),
        n.path("memory_workers").asInt(),
        n.path("repeated_steps").asInt());
  }

  private static double number(JsonNode n, String key) {
    JsonNode v = n.path(key);
    double d = v.isNumber() ? v.asDouble() : Double.NaN;
    if (Math.abs(d) < 1 / LARGEST) {
      return 0;
    }
    return Math.abs(d) <= LARGEST ? d : Double.NaN;
  }
}
