package io.quickstudy.report;

import io.quickstudy.data.sampling.DrawnSequence;
import io.quickstudy.data.sampling.Episode;
import io.quickstudy.task.Labelling;
import io.quickstudy.train.Calibration;
import io.quickstudy.train.Predictions.Predicted;
import io.quickstudy.train.Reliability;
import io.quickstudy.train.RunningMean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What the predictions on all test tasks come to: counted task by task. */
final class PredictionCounts {
  /** Examples that are the first tasks, chosen by nobody. */
  static final int FIRST = 3;

  /** A task with its answers in the order of its images. */
  record Task(Predicted predicted, List<Answer> answers) {
    double accuracy() {
      return answers.stream().filter(Answer::right).count() / (double) answers.size();
    }
  }

  private final Classes classes;
  private final Labelling labelling;
  private final RunningMean accuracy = new RunningMean();
  private final List<Double> byTask = new ArrayList<>();
  private final List<RunningMean> byInstance = new ArrayList<>();
  private final OptionalDouble temperature;
  private final List<Reliability.Meter> meters = new ArrayList<>();
  private final Confusion confusion = new Confusion();
  private final List<Task> first = new ArrayList<>();
  private Task hardest;

  /**
   * Nothing counted yet.
   *
   * @param temperature of the run's probabilities, if it has one
   */
  PredictionCounts(Classes classes, Labelling labelling, OptionalDouble temperature) {
    this.classes = classes;
    this.labelling = labelling;
    this.temperature = temperature;
    meters.add(new Reliability.Meter(1));
    temperature.ifPresent(t -> meters.add(new Reliability.Meter(t)));
  }

  /** Counts a task of images in. */
  void add(Predicted p) {
    Task t =
        switch (p) {
          case Predicted.OfEpisode e -> episode(e);
          case Predicted.OfSequence s -> sequence(s);
          case Predicted.OfWave w -> throw new IllegalArgumentException("a sine wave: no classes");
          case Predicted.OfSignal s -> throw new IllegalArgumentException("a signal: no classes");
        };
    accuracy.add(t.accuracy());
    byTask.add(t.accuracy());
    meters.forEach(Reliability.Meter::endTask);
    if (first.size() < FIRST) {
      first.add(t);
    } else if (hardest == null || t.accuracy() < hardest.accuracy()) {
      hardest = t;
    }
  }

  private Task episode(Predicted.OfEpisode p) {
    Episode e = p.episode();
    int ways = p.logits()[0].length;
    int[] classOf = new int[ways];
    Confusion.Image[] support = new Confusion.Image[ways];
    for (int i = e.supportLabel().length - 1; i >= 0; i--) {
      int label = e.supportLabel()[i];
      if (label < 0) {
        continue; // of no class that is told
      }
      support[label] = new Confusion.Image(e.supportIndex()[i], e.supportMove()[i]);
      classOf[label] = classes.of(support[label].index(), support[label].move());
    }
    confusion.begin(classOf);
    List<Answer> list = new ArrayList<>();
    for (int i = 0; i < e.queryLabel().length; i++) {
      Answer a = Answer.of(e.queryLabel()[i], p.logits()[i]);
      list.add(a);
      measured(e.queryLabel()[i], p.logits()[i]);
      Confusion.Image query = new Confusion.Image(e.queryIndex()[i], e.queryMove()[i]);
      confusion.add(a, query, support);
    }
    return new Task(p, list);
  }

  /** In a sequence an image counts for the confusion once its class has been seen before. */
  private Task sequence(Predicted.OfSequence p) {
    DrawnSequence s = p.sequence();
    List<Integer> labels = Arrays.stream(s.label()).distinct().sorted().boxed().toList();
    boolean strings = labelling == Labelling.STRINGS; // then most labels name no class here
    int ways = strings ? labels.size() : p.logits()[0].length;
    Confusion.Image[] seen = new Confusion.Image[ways];
    int[] classOf = new int[ways];
    for (int i = s.label().length - 1; i >= 0; i--) {
      int slot = strings ? labels.indexOf(s.label()[i]) : s.label()[i];
      classOf[slot] = classes.of(s.index()[i], s.move()[i]);
      seen[slot] = new Confusion.Image(s.index()[i], s.move()[i]);
    }
    confusion.begin(classOf);
    List<Answer> list = new ArrayList<>();
    List<RunningMean> instances = new ArrayList<>();
    int last = Arrays.stream(s.instance()).max().orElse(0);
    for (int i = 0; i < s.label().length; i++) {
      Answer said = Answer.of(s.label()[i], p.logits()[i]);
      Answer a = strings ? said.among(labels) : said;
      list.add(a);
      int instance = s.instance()[i];
      if (instance == last && !strings) { // as in measuring
        measured(s.label()[i], p.logits()[i]);
      }
      while (instances.size() < instance) {
        instances.add(new RunningMean());
      }
      instances.get(instance - 1).add(a.right() ? 1 : 0);
      if (instance > 1 && a.predicted() >= 0) {
        confusion.add(a, new Confusion.Image(s.index()[i], s.move()[i]), seen);
      }
    }
    for (int k = 0; k < instances.size(); k++) {
      if (byInstance.size() == k) {
        byInstance.add(new RunningMean());
      }
      byInstance.get(k).add(instances.get(k).mean()); // over tasks, as all intervals are
    }
    return new Task(p, list);
  }

  /** Accuracy over tasks. */
  RunningMean accuracy() {
    return accuracy;
  }

  /** The accuracy of each task. */
  List<Double> byTask() {
    return byTask;
  }

  /** The accuracy at the 1st, 2nd, ... image of a class; empty but for sequences. */
  List<RunningMean> byInstance() {
    return byInstance;
  }

  private void measured(int label, float[] logits) {
    meters.forEach(m -> m.add(label, logits));
  }

  /**
   * How good the probabilities are, without the run's temperature and with it; nothing of strings,
   * which are no classes of a task.
   */
  Optional<Calibration> calibration() {
    if (labelling == Labelling.STRINGS) {
      return Optional.empty();
    }
    Optional<Calibration.Tempered> tempered =
        temperature.isPresent()
            ? Optional.of(
                new Calibration.Tempered(temperature.getAsDouble(), meters.getLast().result()))
            : Optional.empty();
    return Optional.of(new Calibration(meters.getFirst().result(), tempered));
  }

  /** Which class was taken for which. */
  Confusion confusion() {
    return confusion;
  }

  /** The names of the classes. */
  Classes classes() {
    return classes;
  }

  /** The first tasks. */
  List<Task> first() {
    return first;
  }

  /** Of the others the one with the lowest accuracy; null where there are no others. */
  Task hardest() {
    return hardest;
  }
}
