package io.quickstudy.report;

import io.quickstudy.compare.Compared;
import io.quickstudy.compare.Comparison;
import io.quickstudy.compare.Difference;
import io.quickstudy.data.Metric;
import io.quickstudy.report.MetricsLog.Measured;
import io.quickstudy.report.MetricsLog.Trained;
import io.quickstudy.report.Series.Look;
import io.quickstudy.run.RunKeys;
import io.quickstudy.text.Text;
import io.quickstudy.train.Results;
import io.quickstudy.train.SystemInfo;
import io.quickstudy.train.TrainListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs side by side as one HTML page that needs nothing else: values, curves, settings. */
public final class ComparisonPage {
  private static final int COLOURS = 5;

  /** Parts of a curve that are drawn as one. */
  private static final int SMOOTH_PART = 40;

  private final Comparison c;
  private final List<String> names;
  private final List<MetricsLog> logs;
  private final Html h = new Html();

  private ComparisonPage(Comparison c, List<String> names, List<MetricsLog> logs) {
    this.c = c;
    this.names = names;
    this.logs = logs;
  }

  /**
   * The page.
   *
   * @param c what was measured
   * @param names what the runs are called, in their order
   * @param listener told of lines of metrics that cannot be read
   */
  public static Report.Page make(Comparison c, List<String> names, TrainListener listener) {
    List<MetricsLog> logs = new ArrayList<>();
    for (Compared r : c.runs()) {
      MetricsLog log = MetricsLog.read(r.path());
      if (log.unread() > 0) {
        listener.message(
            "run '%s': %s of metrics.jsonl cannot be read"
                .formatted(r.path(), Text.count(log.unread(), "line")));
      }
      logs.add(log);
    }
    String title =
        "%s on %s".formatted(Text.count(names.size(), "run"), c.protocol().data().name());
    Html page = PageWriter.page(title, new ComparisonPage(c, names, logs).body(title), footer(c));
    return new Report.Page(page.toString().getBytes(StandardCharsets.UTF_8), title);
  }

  private static String footer(Comparison c) {
    return ("Intervals are 95 %% intervals of the mean: 1.96 standard errors over tasks, and of a"
            + " difference over the differences task by task. All runs answered the same tasks"
            + " (SHA-256 %s). Measured on %s by Quickstudy %s, %s.")
        .formatted(
            c.tasks().substring(0, 16),
            c.base().evaluation().device(),
            SystemInfo.version(),
            PageWriter.now());
  }

  private Html body(String title) {
    h.open("header").element("p", "Quickstudy comparison", "class", "over").element("h1", title);
    h.element("p", Results.tasks(c.protocol(), c.spec()) + ", the same for every run.").close();
    values();
    curves();
    facts();
    settings();
    return h;
  }

  private void table(String... heads) {
    h.open("div", "class", "wide").open("table").open("thead").open("tr");
    for (String head : heads) {
      h.element("th", head, "scope", "col");
    }
    h.close().close().open("tbody");
  }

  private void endTable() {
    h.close().close().close();
  }

  /** A row's first cell, with the colour of the run's curves. */
  private void run(int i) {
    h.open("tr").open("th", "scope", "row");
    h.open("span", "class", "key %s c%s".formatted(look(i, "line", "broken"), i % COLOURS)).close();
    h.text(" ").path(names.get(i)).close();
  }

  private static <T> T look(int i, T first, T second) {
    return i / COLOURS % 2 == 0 ? first : second;
  }

  private void values() {
    h.open("section", "id", "values").element("h2", "Measured");
    boolean accuracy = c.metric() == Metric.ACCURACY;
    table(
        "run",
        accuracy ? "accuracy" : "mean squared error",
        "difference from " + names.get(c.baseline()),
        "",
        "better / worse / same",
        accuracy ? "wrong answers" : "errors");
    for (int i = 0; i < names.size(); i++) {
      Compared r = c.runs().get(i);
      run(i);
      h.open("td").element("b", number(r.evaluation().value(), false));
      h.text(interval(r.evaluation().ci95())).close();
      if (r.difference().isEmpty()) {
        h.element("td", "baseline");
        for (int k = 0; k < 3; k++) {
          h.element("td", "");
        }
      } else {
        Difference d = r.difference().get();
        h.element("td", number(d.mean(), true) + interval(d.ci95()));
        h.element(
            "td",
            switch (d.verdict(c.metric())) {
              case BETTER -> "better";
              case WORSE -> "worse";
              case OPEN -> "cannot be told";
            });
        h.element("td", "%s / %s / %s".formatted(d.better(), d.worse(), d.same()));
        h.element(
            "td",
            d.errorRatio().isPresent() ? "× " + Text.fixed(d.errorRatio().getAsDouble(), 2) : "–");
      }
      h.close();
    }
    endTable();
    h.element(
        "p",
        "Differences are taken task by task, so that what makes a task hard drops out: a difference"
            + " counts where its interval leaves out 0, also where the intervals of both runs"
            + " overlap.",
        "class",
        "aside");
    h.close();
  }

  private String interval(double ci95) {
    return Text.interval(ci95, number(ci95, false));
  }

  private String number(double v, boolean signed) {
    String digits = c.metric() == Metric.ACCURACY ? Text.fixed(100 * v, 2) + " %" : Text.number(v);
    return signed && v > 0 ? "+" + digits : digits;
  }

  private void curves() {
    boolean accuracy = c.metric() == Metric.ACCURACY;
    double last = 1;
    for (MetricsLog log : logs) {
      last = Math.max(last, log.training().isEmpty() ? 1 : log.training().getLast().step());
      last = Math.max(last, log.validation().isEmpty() ? 1 : log.validation().getLast().step());
    }
    Chart validation =
        new Chart(
                accuracy ? "Validation accuracy" : "Validation error",
                "As each run measured it in training, on tasks of its own.",
                "step",
                accuracy ? "%" : "")
            .across(0, last);
    Chart loss =
        new Chart(
                "Training loss",
                "Smoothed; losses of different learners differ in kind.",
                "step",
                "")
            .across(0, last)
            .logIfWide();
    for (int i = 0; i < logs.size(); i++) {
      List<Measured> v = logs.get(i).validation();
      double times = accuracy ? 100 : 1;
      validation.add(
          new Series(
              names.get(i),
              look(i, Look.POINTS, Look.BROKEN),
              i % COLOURS,
              v.stream().mapToDouble(Measured::step).toArray(),
              v.stream().mapToDouble(m -> times * m.value()).toArray(),
              v.stream().mapToDouble(m -> times * m.ci95()).toArray()));
      List<Trained> t = logs.get(i).training();
      Series all =
          Series.of(
                  names.get(i),
                  Look.LINE,
                  i % COLOURS,
                  t.stream().mapToDouble(Trained::step).toArray(),
                  t.stream().mapToDouble(Trained::loss).toArray())
              .thinned(TrainingSection.POINTS);
      loss.add(
          all.smoothed(names.get(i), look(i, Look.LINE, Look.BROKEN), all.size() / SMOOTH_PART));
    }
    h.open("section", "id", "curves").element("h2", "Training");
    h.open("div", "class", "charts");
    for (Chart chart : List.of(accuracy ? validation : validation.logIfWide(), loss)) {
      if (!chart.isEmpty()) {
        h.add(chart.figure());
      }
    }
    h.close();
    if (validation.isEmpty() && loss.isEmpty()) {
      h.element("p", "No run has a line of training in metrics.jsonl.", "class", "notice");
    }
    h.close();
  }

  private void facts() {
    h.open("section", "id", "facts").element("h2", "Size and time");
    table(
        "run",
        "learner",
        "trained on",
        "step",
        "parameters",
        "checkpoint",
        "to adapt",
        "to predict");
    for (int i = 0; i < names.size(); i++) {
      Compared r = c.runs().get(i);
      run(i);
      h.element("td", r.config().learner().name());
      h.element("td", r.config().data().name());
      h.element("td", Headline.grouped(r.size().step()));
      h.element("td", Headline.grouped(r.size().parameters()));
      h.element("td", Text.fixed(r.size().checkpointBytes() / 1e6, 2) + " MB");
      h.element(
          "td",
          r.times()
              .map(t -> millis(t.adaptSeconds()) + ", " + Text.count(t.examples(), "example"))
              .orElse("–"));
      h.element(
          "td",
          r.times()
              .map(t -> millis(t.predictSeconds()) + ", " + t.queries() + " at once")
              .orElse("–"));
      h.close();
    }
    endTable();
    h.element(
        "p",
        "Times are medians of calls of the Java interface on %s with %s, images decoded before."
            .formatted(
                c.base().evaluation().device(), Text.count(c.protocol().run().workers(), "worker")),
        "class",
        "aside");
    h.close();
  }

  private static String millis(double seconds) {
    return Text.number(1000 * seconds) + " ms";
  }

  /** What the configurations do not have in common. */
  private void settings() {
    List<Map<String, String>> all = c.runs().stream().map(r -> RunKeys.texts(r.config())).toList();
    Set<String> keys = new LinkedHashSet<>();
    all.forEach(m -> keys.addAll(m.keySet()));
    keys.removeIf(k -> all.stream().map(m -> m.getOrDefault(k, "–")).distinct().count() == 1);
    h.open("section", "id", "settings").element("h2", "What differs in the settings");
    if (keys.isEmpty()) {
      h.element("p", "Nothing: all have the same configuration.");
    } else {
      List<String> heads = new ArrayList<>(List.of("setting"));
      heads.addAll(names);
      table(heads.toArray(String[]::new));
      for (String k : keys) {
        h.open("tr").element("th", k, "scope", "row");
        for (Map<String, String> m : all) {
          h.element("td", m.getOrDefault(k, "–"));
        }
        h.close();
      }
      endTable();
    }
    h.close();
  }
}
