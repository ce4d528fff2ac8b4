package io.quickstudy.report;

import io.quickstudy.data.Metric;
import io.quickstudy.report.Series.Look;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Text;
import io.quickstudy.train.Evaluation;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntToDoubleFunction;

/** What adaptation gains step by step: accuracy and loss, or the squared error. */
final class StepCharts {
  /** The option that says how many steps a learner adapts in. */
  private static final String STEPS = "inner-steps";

  private StepCharts() {}

  /** The charts of a measurement by step. */
  static List<Chart> of(RunConfig run, Evaluation e) {
    OptionalInt trained = trained(run);
    int steps = e.byStep().size();
    String about =
        "Mean over %s%s."
            .formatted(
                Text.count(e.spec().episodes(), "test task"),
                trained.isPresent() && trained.getAsInt() <= steps
                    ? "; the dotted line: "
                        + Text.count(trained.getAsInt(), "step")
                        + ", as trained"
                    : "");
    IntToDoubleFunction value = k -> k == 0 ? e.before() : e.byStep().get(k - 1);
    if (e.metric() == Metric.MSE) {
      return List.of(chart("Error by inner step", about, "", trained, steps, value).logIfWide());
    }
    IntToDoubleFunction percent = k -> 100 * value.applyAsDouble(k);
    double guess = 100.0 / run.tasks().labels().outputs(e.spec().ways());
    String loss = "Cross entropy of the queries.";
    return List.of(
        chart("Accuracy by inner step", about, "%", trained, steps, percent)
            .add(Series.level("guessing", 0, steps, guess)),
        chart("Loss by inner step", loss, "", trained, steps, e.losses()::get).logIfWide());
  }

  private static OptionalInt trained(RunConfig run) {
    return Values.values(run.options()).get(STEPS) instanceof Integer n
        ? OptionalInt.of(n)
        : OptionalInt.empty();
  }

  private static Chart chart(
      String title,
      String about,
      String unit,
      OptionalInt trained,
      int steps,
      IntToDoubleFunction value) {
    double[] x = new double[steps + 1];
    double[] y = new double[steps + 1];
    for (int k = 0; k <= steps; k++) {
      x[k] = k;
      y[k] = value.applyAsDouble(k);
    }
    Chart c = new Chart(title, about, "inner steps", unit).across(0, steps);
    trained.stream().filter(n -> n <= steps).forEach(c::mark);
    return c.add(Series.of("test", Look.POINTS, 2, x, y));
  }
}
