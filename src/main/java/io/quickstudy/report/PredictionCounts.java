package io.quickstudy.report;

import io.quickstudy.data.sampling.DrawnSequence;
import io.quickstudy.data.sampling.Episode;
import io.quickstudy.task.Labelling;
import io.quickstudy.train.Predictions.Predicted;
import io.quickstudy.train.RunningMean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the predictions on all test tasks come to: counted task by task. */
final class PredictionCounts {
  /** Examples that are the first tasks, chosen by nobody. */
  static final int FIRST = 3;

  private static final int BINS = 10;

  /** How confident answers of one bin were, and how often right. */
  record Calibration(RunningMean confidence, RunningMean right) {}

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
  private final Calibration[] calibration = new Calibration[BINS];
  private final Confusion confusion = new Confusion();
  private final List<Task> first = new ArrayList<>();
  private Task hardest;
  private long answers;

  PredictionCounts(Classes classes, Labelling labelling) {
    this.classes = classes;
    this.labelling = labelling;
    java.util.Arrays.setAll(
        calibration, i -> new Calibration(new RunningMean(), new RunningMean()));
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
    for (Answer a : t.answers()) {
      Calibration c = calibration[Math.min(BINS - 1, (int) (BINS * a.confidence()))];
      c.confidence().add(a.confidence());
      c.right().add(a.right() ? 1 : 0);
      answers++;
    }
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
    for (int i = 0; i < s.label().length; i++) {
      Answer said = Answer.of(s.label()[i], p.logits()[i]);
      Answer a = strings ? said.among(labels) : said;
      list.add(a);
      int instance = s.instance()[i];
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

  /** Answers by confidence, in ten bins. */
  Calibration[] calibration() {
    return calibration;
  }

  /** How far confidence and accuracy are apart in the mean over all answers. */
  double calibrationError() {
    double sum = 0;
    for (Calibration c : calibration) {
      double apart = c.confidence().mean() - c.right().mean();
      sum += c.right().count() * Math.abs(apart);
    }
    return answers == 0 ? 0 : sum / answers;
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
