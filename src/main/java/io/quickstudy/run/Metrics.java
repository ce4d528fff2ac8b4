package io.quickstudy.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.quickstudy.data.Metric;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/**
 * What a run's metrics.jsonl told when it was read: a line of JSON for the beginning of each
 * session, for every few steps and for every measurement. Lines that are not whole are passed over.
 */
public final class Metrics {
  /**
   * Set in the line of a measurement that was made because training came to an end there, and would
   * not have been made else: it is made again by a run that goes on from there.
   */
  public static final String AT_THE_END = "at_the_end";

  /** The line of the end of training says why it ended. */
  public static final String ENDED = "ended";

  private final List<Line> lines;

  private Metrics(List<Line> lines) {
    this.lines = lines;
  }

  /** Of a file's text. */
  static Metrics of(String text) {
    return new Metrics(
        text.lines()
            .map(l -> new Line(l, parsed(l)))
            .filter(l -> l.json().path("step").isInt())
            .toList());
  }

  /** The lines up to a step, without those that are made again in any case. */
  String upTo(int step) {
    return lines.stream()
        .filter(l -> l.step() <= step && !l.isMadeAgain(step))
        .map(l -> l.text() + "\n")
        .collect(Collectors.joining());
  }

  /** A whole line. */
  private record Line(String text, JsonNode json) {
    int step() {
      return json.path("step").asInt();
    }

    boolean isOf(String part) {
      return json.path("split_part").asText().equals(part);
    }

    /** Of the end of training, or of a session that came no further than where this one begins. */
    boolean isMadeAgain(int begin) {
      return isOf("test")
          || json.path(AT_THE_END).asBoolean()
          || json.has(ENDED)
          || (json.has("memory_bytes") && step() == begin);
    }

    /** Whether it measures as another one does, as far as it says: old lines say nothing. */
    boolean isLike(Map<String, Object> other) {
      return other.entrySet().stream()
          .allMatch(
              e ->
                  !json.has(e.getKey())
                      || json.get(e.getKey()).equals(JsonFile.JSON.valueToTree(e.getValue())));
    }
  }

  /** The last step that it tells of; 0 where it tells of none. */
  public int logged() {
    return lines.stream().mapToInt(Line::step).max().orElse(0);
  }

  /** Why training ended, in a word; nothing where it did not, or an old version did it. */
  public Optional<String> ended() {
    return lines.stream()
        .filter(l -> l.json().has(ENDED))
        .map(l -> l.json().path(ENDED).asText())
        .reduce((first, second) -> second);
  }

  /** The device that the run was last trained on. */
  public Optional<String> device() {
    return lines.stream()
        .filter(l -> l.json().has("memory_bytes"))
        .map(l -> l.json().path("device").asText())
        .filter(d -> !d.isEmpty())
        .reduce((first, second) -> second);
  }

  /** Whether it has the measurement on validation classes after a step. */
  public boolean isValidated(int step) {
    return lines.stream().anyMatch(l -> l.step() == step && l.isOf("val"));
  }

  /**
   * How measurements on validation classes stand.
   *
   * @param metric what is measured
   * @param protocol how it is measured, by the keys of such lines: others do not count
   * @param which of the steps count
   */
  public BestSoFar best(Metric metric, Map<String, Object> protocol, IntPredicate which) {
    BestSoFar best = BestSoFar.NONE;
    for (Line l : lines) {
      JsonNode value = l.json().path("value");
      if (l.isOf("val") && value.isNumber() && which.test(l.step()) && l.isLike(protocol)) {
        double ci95 = l.json().path("ci95").asDouble(Double.NaN);
        best = best.and(metric, l.step(), value.asDouble(), ci95);
      }
    }
    return best;
  }

  /**
   * A measurement.
   *
   * @param value what was measured
   * @param ci95 half the width of its interval; NaN of one task
   */
  public record Measured(double value, double ci95) {}

  /** The last measurement on test classes. */
  public Optional<Measured> test() {
    return lines.stream()
        .filter(l -> l.isOf("test") && l.json().path("value").isNumber())
        .map(
            l ->
                new Measured(
                    l.json().path("value").asDouble(), l.json().path("ci95").asDouble(Double.NaN)))
        .reduce((first, second) -> second);
  }

  /** How many seconds training took, all sessions together; NaN where it does not say. */
  public double seconds() {
    return lines.stream()
        .filter(l -> l.json().has("loss"))
        .mapToDouble(l -> l.json().path("seconds").asDouble(Double.NaN))
        .reduce(Double.NaN, (first, second) -> second);
  }

  private static JsonNode parsed(String line) {
    try {
      return JsonFile.JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance(); // torn when the run was killed
    }
  }
}
