package io.quickstudy.cli;

import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Text;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.Evaluator;
import io.quickstudy.train.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What {@code eval} measured: of one kind of task in words, of several as a table. */
record EvalTable(RunFolder run, List<Row> rows) {
  /** What was measured of one kind of task, and by which configuration. */
  record Row(RunConfig config, Evaluator.OfRun measured) {
    private Evaluation evaluation() {
      return measured.evaluation();
    }
  }

  /** Copies the list. */
  EvalTable {
    rows = List.copyOf(rows);
  }

  /** Of each kind of task an object. */
  List<Map<String, Object>> json() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (Row r : rows) {
      int step = r.measured.step();
      Map<String, Object> m = Results.json(r.config, run.path().toString(), step, r.evaluation());
      CheckpointOption.role(run, step, m);
      r.measured.doubt().ifPresent(d -> m.put("temperature_doubt", d));
      all.add(m);
    }
    return all;
  }

  /** The only one in words. */
  List<String> text() {
    Row r = rows.getFirst();
    List<String> lines = new ArrayList<>(Results.text(r.config, r.evaluation()));
    r.measured.doubt().ifPresent(d -> lines.add("  " + d));
    lines.add(end());
    return lines;
  }

  private String end() {
    return "  run %s, %s".formatted(run.path(), run.inWords(rows.getFirst().measured.step()));
  }

  /** All as a table. */
  List<String> lines() {
    Row first = rows.getFirst();
    Evaluation e = first.evaluation();
    boolean classes = first.config.classifies();
    List<List<String>> cells = new ArrayList<>();
    List<String> head = new ArrayList<>(classes ? List.of("ways", "shots") : List.of("shots"));
    head.add(e.metric().toString());
    if (e.calibration().isPresent()) {
      head.addAll(List.of("log-likelihood", "ECE"));
    }
    head.add("time");
    cells.add(head);
    for (Row r : rows) {
      Evaluation one = r.evaluation();
      List<String> row = new ArrayList<>();
      if (classes) {
        row.add(Integer.toString(one.spec().ways()));
      }
      row.add(Integer.toString(one.spec().shots()));
      row.add(value(one));
      one.calibration()
          .ifPresent(
              c -> {
                row.add(Text.number(c.untempered().logLikelihood()));
                row.add(Text.fixed(100 * c.untempered().error(), 2) + "%");
              });
      row.add(Text.duration(one.seconds()));
      cells.add(row);
    }
    List<String> lines = new ArrayList<>();
    lines.add(first.config.learner().name() + " on " + first.config.data().name());
    Columns.right(cells).forEach(l -> lines.add("  " + l));
    lines.add("  " + tasks(first));
    lines.add(end());
    return lines;
  }

  /** What all rows have in common. */
  private static String tasks(Row r) {
    Evaluation e = r.evaluation();
    String n = Text.count(e.spec().episodes(), "task") + " of each";
    return r.config.classifies()
        ? "%s, %s, %s classes of split %s, device %s"
            .formatted(
                n,
                Text.count(e.spec().queries(), "query"),
                Values.format(e.spec().part()),
                r.config.tasks().split(),
                e.device())
        : "%s, device %s".formatted(n, e.device());
  }

  private static String value(Evaluation e) {
    String value = ProgressText.value(e.metric(), e.value(), 2);
    double ci95 = e.ci95();
    return value + Text.interval(ci95, ProgressText.value(e.metric(), ci95, 2));
  }
}
