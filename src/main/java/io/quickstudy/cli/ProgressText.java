package io.quickstudy.cli;

import io.quickstudy.cli.ProgressLine.Part;
import io.quickstudy.cli.ProgressLine.State;
import io.quickstudy.data.Metric;
import io.quickstudy.run.BestSoFar;
import io.quickstudy.text.Text;
import io.quickstudy.train.TrainListener.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a line of progress says, the most important first. */
final class ProgressText {
  private ProgressText() {}

  /** Of training. */
  static State training(Progress p) {
    List<Part> parts = new ArrayList<>();
    parts.add(Part.of("loss " + Text.number(p.loss())));
    if (!Double.isNaN(p.accuracy())) {
      String percent = Text.fixed(100 * p.accuracy(), 1) + "%";
      parts.add(new Part("accuracy " + percent, "acc " + percent));
    }
    parts.add(left(p));
    best(p.metric(), p.best()).ifPresent(parts::add);
    parts.add(new Part(speed(p) + " steps/s", speed(p) + "/s"));
    return new State("training", "", p.step(), p.steps(), p.step() + "/" + p.steps(), parts);
  }

  /**
   * Of a measurement on the way.
   *
   * @param before how training stood before it
   * @param passed seconds since then
   */
  static State validating(Optional<Progress> before, double passed, int tasks, int of) {
    List<Part> parts = new ArrayList<>();
    before.ifPresent(
        p -> {
          if (p.unknown() == 0) {
            double left = Math.max(0, p.secondsLeft() - passed);
            parts.add(left(left));
          }
          best(p.metric(), p.best()).ifPresent(parts::add);
        });
    return new State("validating", "val", tasks, of, "%s of %s tasks".formatted(tasks, of), parts);
  }

  /**
   * Of a measurement that stands for itself.
   *
   * @param passed seconds that some of its tasks took
   * @param some how many
   */
  static State evaluating(double passed, int some, int tasks, int of) {
    List<Part> parts =
        some == 0 || tasks == of ? List.of() : List.of(left(passed * (of - tasks) / some));
    return new State("evaluating", "eval", tasks, of, "%s of %s tasks".formatted(tasks, of), parts);
  }

  /** "best 81.2% at step 1800". */
  private static Optional<Part> best(Metric metric, BestSoFar best) {
    if (!best.exists()) {
      return Optional.empty();
    }
    String value = value(metric, best.value(), 1);
    return Optional.of(
        new Part(
            "best %s at step %s".formatted(value, best.step()),
            "best %s at %s".formatted(value, best.step())));
  }

  /** A value on validation classes: "81.2%", or an error. */
  static String value(Metric metric, double value, int digits) {
    return metric == Metric.ACCURACY ? Text.fixed(100 * value, digits) + "%" : Text.number(value);
  }

  /** "2 min left", which leaves out measurements of which nobody knows yet how long they take. */
  private static Part left(Progress p) {
    if (p.step() == p.steps() && p.unknown() == 0 && p.secondsLeft() <= 0) {
      return Part.of("done");
    }
    Part time = left(p.secondsLeft());
    return p.unknown() == 0
        ? time
        : new Part(
            "%s and %s".formatted(time.words(), Text.count(p.unknown(), "validation")),
            "> " + time.few());
  }

  /** "2 min 10 s left", and in few words "2 min left". */
  private static Part left(double seconds) {
    String time = Text.duration(seconds);
    return new Part(time + " left", time.replaceFirst("(?<=[a-z]) .*", "") + " left");
  }

  private static String speed(Progress p) {
    double s = p.stepsPerSecond();
    return Text.fixed(s, s < 10 ? 2 : s < 100 ? 1 : 0);
  }

  /** A line where nothing can be drawn over. */
  static String plain(Progress p) {
    List<String> words = training(p).parts().stream().map(Part::words).toList();
    return "step %s of %s: %s".formatted(p.step(), p.steps(), String.join(", ", words));
  }
}
