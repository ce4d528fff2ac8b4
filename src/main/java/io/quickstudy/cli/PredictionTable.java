package io.quickstudy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Prediction;
import io.quickstudy.adapt.Support;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code adapt} found out, as a table, JSON or CSV.
 *
 * @param run the run's folder
 * @param folder of the queries
 * @param adapter of the run
 * @param support what was learnt
 * @param rejection which predictions are kept, and what to expect of them
 * @param queries the images or rows
 * @param predictions one for each, or why there is none
 */
record PredictionTable(
    Path run,
    Path folder,
    Adapter adapter,
    Support support,
    Rejection rejection,
    List<Query> queries,
    List<Outcome> predictions) {
  private static final int WIDEST = 60;

  /**
   * What came of an image.
   *
   * @param prediction nothing where it cannot be read
   * @param error why, in a sentence; else empty
   */
  record Outcome(Optional<Prediction> prediction, String error) {
    static Outcome of(Prediction p) {
      return new Outcome(Optional.of(p), "");
    }

    static Outcome failed(String error) {
      return new Outcome(Optional.empty(), error);
    }
  }

  /** How good the predictions are, where folders say what is right. */
  private record Score(int known, int answered, int right) {
    /** The fraction of right answers; nothing where there are none. */
    Optional<Double> accuracy() {
      return answered == 0 ? Optional.empty() : Optional.of((double) right / answered);
    }
  }

  private Query.Kind kind() {
    return Query.Kind.of(adapter);
  }

  private Optional<String> truth(int i) {
    return Optional.of(queries.get(i).parent()).filter(support.shots()::containsKey);
  }

  private Optional<String> answer(int i) {
    return predictions.get(i).prediction.flatMap(p -> p.label(rejection.least()));
  }

  private Score score() {
    int known = 0;
    int answered = 0;
    int right = 0;
    for (int i = 0; i < queries.size(); i++) {
      if (truth(i).isPresent()) {
        known++;
        answered += answer(i).isPresent() ? 1 : 0;
        right += answer(i).equals(truth(i)) ? 1 : 0;
      }
    }
    return new Score(known, answered, right);
  }

  private long rejected() {
    return predictions.stream()
        .filter(
            o -> o.prediction.isPresent() && o.prediction.get().label(rejection.least()).isEmpty())
        .count();
  }

  /** How many images cannot be read. */
  long unreadable() {
    return predictions.stream().filter(o -> o.prediction.isEmpty()).count();
  }

  /** What is said where some cannot be read. */
  String failure() {
    String first =
        predictions.stream().filter(o -> o.prediction.isEmpty()).findFirst().orElseThrow().error;
    return "%s of %s cannot be read; the first: %s"
        .formatted(unreadable(), kind().count(queries.size()), first);
  }

  /** One object. */
  Map<String, Object> json() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("run", run.toString());
    m.put("step", adapter.step());
    m.put("checkpoint", CheckpointOption.word(adapter));
    m.put("learner", adapter.config().learner().name());
    m.put("data", adapter.config().data().name());
    m.put("norm", adapter.norm());
    m.put("device", adapter.device());
    List<Map<String, Object>> classes = new ArrayList<>();
    support.shots().forEach((name, n) -> classes.add(ordered("name", name, "shots", n)));
    m.put("classes", classes);
    rejection.into(m);
    m.put(kind().noun() + "s", queries.size());
    m.put("unreadable", unreadable());
    m.put("rejected", rejected());
    Score score = score();
    m.put("with_known_class", score.known);
    m.put("accuracy", score.accuracy().orElse(null));
    List<Map<String, Object>> list = new ArrayList<>();
    for (int i = 0; i < queries.size(); i++) {
      Outcome o = predictions.get(i);
      Map<String, Object> one =
          ordered(kind().place(), queries.get(i).name(), "prediction", answer(i).orElse(null));
      one.put("confidence", o.prediction.map(Prediction::confidence).orElse(null));
      one.put("probabilities", o.prediction.map(Prediction::probabilities).orElse(null));
      if (o.prediction.isEmpty()) {
        one.put("error", o.error);
      }
      truth(i).ifPresent(t -> one.put("truth", t));
      list.add(one);
    }
    m.put("predictions", list);
    return m;
  }

  private static Map<String, Object> ordered(String k1, Object v1, String k2, Object v2) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put(k1, v1);
    m.put(k2, v2);
    return m;
  }

  /** A line of names, then one for each image. */
  String csv() {
    CsvSchema.Builder schema = CsvSchema.builder();
    for (String column : new String[] {kind().place(), "truth", "prediction", "confidence"}) {
      schema.addColumn(column);
    }
    support.classes().forEach(c -> schema.addColumn("p_" + c));
    schema.addColumn("error");
    List<List<Object>> rows = new ArrayList<>();
    for (int i = 0; i < queries.size(); i++) {
      Outcome o = predictions.get(i);
      List<Object> row = new ArrayList<>();
      row.add(queries.get(i).name());
      row.add(truth(i).orElse(""));
      row.add(answer(i).orElse(""));
      row.add(o.prediction.<Object>map(Prediction::confidence).orElse(""));
      support.classes().forEach(c -> row.add(probability(o, c)));
      row.add(o.error);
      rows.add(row);
    }
    try {
      return new CsvMapper().writer(schema.build().withHeader()).writeValueAsString(rows);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result that CSV cannot hold", e);
    }
  }

  private static Object probability(Outcome o, String label) {
    return o.prediction.<Object>map(p -> p.probabilities().get(label)).orElse("");
  }

  /** Lines for people. */
  List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s on %s: %s learnt from %s"
            .formatted(
                adapter.config().learner(),
                adapter.config().data().name(),
                Text.count(support.classes().size(), "class"),
                support.attributes().isPresent()
                    ? Text.count(adapter.config().tasks().attributeCount(), "attribute")
                    : kind().count(support.size())));
    lines.add(
        "  run %s, %s, norm %s, device %s"
            .formatted(run, adapter.checkpoint(), adapter.norm(), adapter.device()));
    lines.add("");
    int file = kind().place().length();
    int label = "prediction".length();
    for (int i = 0; i < queries.size(); i++) {
      file = Math.max(file, queries.get(i).name().length());
      label = Math.max(label, shown(i).length());
    }
    String row = "%-" + Math.min(file, WIDEST) + "s  %-" + Math.min(label, WIDEST) + "s  %s";
    lines.add(row.formatted(kind().place(), "prediction", "confidence"));
    for (int i = 0; i < queries.size(); i++) {
      String percent = predictions.get(i).prediction.map(p -> percent(p.confidence())).orElse("-");
      lines.add(row.formatted(queries.get(i).name(), shown(i), "%10s".formatted(percent)));
    }
    lines.add("");
    lines.add(summary());
    lines.addAll(rejection.sentences(run));
    return lines;
  }

  private String shown(int i) {
    return predictions.get(i).prediction.isEmpty() ? "unreadable" : answer(i).orElse("none");
  }

  private String summary() {
    StringBuilder s = new StringBuilder(kind().count(queries.size()));
    if (unreadable() > 0) {
      s.append(", %s unreadable".formatted(unreadable()));
    }
    if (rejection.least() > 0) {
      s.append(", %s rejected below %s".formatted(rejected(), percent(rejection.least())));
    }
    Score score = score();
    if (score.known > 0) {
      s.append(", accuracy ")
          .append(score.accuracy().map(PredictionTable::percent).orElse("unknown"))
          .append(" (%s of %s".formatted(score.right, score.answered))
          .append(score.known < queries.size() ? " answered of a known class)" : " answered)");
    }
    return s.toString();
  }

  private static String percent(double x) {
    return Text.fixed(100 * x, 1) + "%";
  }
}
