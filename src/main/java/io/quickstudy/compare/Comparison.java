package io.quickstudy.compare;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.Metric;
import io.quickstudy.data.Split;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.CheckpointChoice;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.RunKeys;
import io.quickstudy.runtime.Array;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import io.quickstudy.task.TaskKind;
import io.quickstudy.text.Text;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Evaluator;
import io.quickstudy.train.Session;
import io.quickstudy.train.TrainListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Runs that were measured on the same tasks.
 *
 * @param protocol the baseline's configuration as it was measured: the data, the tasks, the seed
 *     that draws them and the device were the same for all
 * @param spec what was measured on
 * @param metric what was measured
 * @param tasks a SHA-256 of what describes the tasks, which is that of every run
 * @param baseline the number of the run that the differences are from
 * @param runs in the order in which they were named
 */
public record Comparison(
    RunConfig protocol,
    EvalSpec spec,
    Metric metric,
    String tasks,
    int baseline,
    List<Compared> runs) {

  /**
   * What of the tasks is each run's own: those that it was trained on, and how images become its
   * inputs. All else of tasks and evaluation is the baseline's, so that the tasks are the same.
   */
  private static final Set<String> OWN =
      Set.of(
          "ways",
          "shots",
          "queries",
          "unlabelled",
          "meta-batch",
          "max-shift",
          "size",
          "channels",
          "ink",
          "fit",
          "trim",
          "levels",
          "attribute-count");

  /** What of a run's settings is the baseline's. */
  private static final List<String> PLACE =
      List.of("seed", "device", "precision", "workers", "memory-limit");

  /** Copies the list. */
  public Comparison {
    runs = List.copyOf(runs);
  }

  /**
   * What to compare.
   *
   * @param runs folders that train wrote, at least two
   * @param baseline one of them, or another to compare them with; the first of them if empty
   * @param part the classes to measure on
   * @param values texts by key, instead of those of the baseline: "eval-episodes", "data", "device"
   * @param checkpoint which of each run
   */
  public record Request(
      List<Path> runs,
      Optional<Path> baseline,
      Split.Part part,
      Map<String, String> values,
      CheckpointChoice checkpoint) {
    /** Of the best checkpoints. */
    public Request(
        List<Path> runs, Optional<Path> baseline, Split.Part part, Map<String, String> values) {
      this(runs, baseline, part, values, CheckpointChoice.BEST);
    }

    /** Copies list and map. */
    public Request {
      runs = List.copyOf(runs);
      values = Map.copyOf(values);
    }
  }

  /**
   * Measures a checkpoint of every run on the same tasks.
   *
   * @param listener told how far it is
   * @throws ConfigException if there are fewer than two runs, a folder holds none, a run was
   *     trained on classes that are measured, or runs are of kinds that do not compare
   * @throws RunException if a run has no whole checkpoint, or its result is no finite number
   */
  public static Comparison of(Request request, TrainListener listener) {
    List<RunFolder> runs = new ArrayList<>();
    int baseline = open(request, runs);
    RunFolder base = runs.get(baseline);
    RunConfig protocol = Overrides.measure(base.config(), known(base, runs, request.values()));
    EvalSpec spec = EvalSpec.test(protocol).on(request.part());
    List<RunConfig> measured = new ArrayList<>();
    for (RunFolder run : runs) {
      measured.add(measured(run, base, protocol, request.values()));
    }
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (RunFolder run : runs) {
      checkpoints.add(run.using(request.checkpoint()).trained(listener::message));
    }
    List<Evaluator.ByTask> results = new ArrayList<>();
    List<Optional<Times>> times = new ArrayList<>();
    Optional<Session.Loaded> data = Optional.empty();
    for (int i = 0; i < runs.size(); i++) {
      try (Session session = Session.open(measured.get(i), data, listener)) {
        data = Optional.of(session.loaded());
        if (i == 0) {
          refuseTrainedOn(session, runs, spec);
        }
        EvalSpec own = EvalSpec.test(measured.get(i)).on(request.part());
        Map<String, Array> theta = checkpoints.get(i).theta();
        try (Evaluator evaluator = new Evaluator(session, own, theta)) {
          results.add(evaluator.measureByTask(theta, listener));
        }
        if (i == 0) {
          Times.of(runs.getFirst().path(), session, own); // Java is slower at first
        }
        times.add(Times.of(runs.get(i).path(), session, own));
      }
      refuseOtherTasks(runs, results);
    }
    Metric metric = results.getFirst().evaluation().metric();
    List<Compared> out = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Evaluator.ByTask r = results.get(i);
      out.add(
          new Compared(
              runs.get(i).path(),
              runs.get(i).config(),
              Compared.Size.of(runs.get(i), checkpoints.get(i)),
              r.evaluation(),
              r.byTask(),
              i == baseline
                  ? Optional.empty()
                  : Optional.of(
                      Difference.between(metric, r.byTask(), results.get(baseline).byTask())),
              times.get(i)));
    }
    return new Comparison(protocol, spec, metric, results.getFirst().tasks(), baseline, out);
  }

  /** Opens the runs, and says which of them is the baseline. */
  private static int open(Request request, List<RunFolder> runs) {
    List<Path> folders = new ArrayList<>();
    List<Path> real = new ArrayList<>();
    for (Path p : request.runs()) {
      runs.add(RunFolder.open(p));
      if (real.contains(real(p))) {
        throw new ConfigException(
            "Run '%s' is named twice: expected different ones; leave one out.".formatted(p));
      }
      folders.add(p);
      real.add(real(p));
    }
    int baseline = request.baseline().map(b -> real.indexOf(real(b))).orElse(0);
    if (baseline < 0) {
      baseline = 0;
      folders.addFirst(request.baseline().orElseThrow());
      runs.addFirst(RunFolder.open(folders.getFirst()));
    }
    if (runs.size() < 2) {
      throw new ConfigException(
          "One run, '%s': expected at least two to compare; name another, or say 'quickstudy eval'."
              .formatted(folders.isEmpty() ? "" : folders.getFirst()));
    }
    return baseline;
  }

  private static Path real(Path p) {
    try {
      return p.toRealPath();
    } catch (IOException e) {
      return p.toAbsolutePath().normalize(); // which opening it will say
    }
  }

  /** How a run is measured: its images in its own size, the rest as the baseline's. */
  private static RunConfig measured(
      RunFolder run, RunFolder base, RunConfig protocol, Map<String, String> given) {
    RunConfig own = run.config();
    refuseOtherKind(run, base);
    if (!given.containsKey("data") && !sameData(own, base.config())) {
      throw new ConfigException(
          "Runs '%s' on %s and '%s' on %s: expected runs on the same data; say with --data on what to compare them."
              .formatted(base.path(), data(base.config()), run.path(), data(own)));
    }
    boolean fixed =
        own.learner().ways() != LearnerKind.Ways.ANY && own.taskKind() == own.taskKind().measured();
    int ways = protocol.evaluation().evalWays();
    int served = own.evaluation().evalWays(); // an episode of training may be several tasks
    if (fixed && served != ways) {
      throw new ConfigException(
          "Run '%s' serves %s ways: expected the %s that are compared, since learner '%s' has one output for each class; say --ways %s, or leave it out."
              .formatted(run.path(), served, ways, own.learner(), served));
    }
    Map<String, String> values = new LinkedHashMap<>(given);
    values.keySet().retainAll(keys(own));
    values.putAll(shared(protocol));
    try {
      return Overrides.measure(own, values);
    } catch (ConfigException e) {
      throw new ConfigException(
          "Run '%s' cannot be compared with '%s': %s"
              .formatted(run.path(), base.path(), e.getMessage()),
          e);
    }
  }

  /** What is given, without options that only others of the runs have. */
  private static Map<String, String> known(
      RunFolder base, List<RunFolder> runs, Map<String, String> given) {
    Set<String> others = new HashSet<>();
    runs.forEach(r -> others.addAll(keys(r.config())));
    others.removeAll(keys(base.config()));
    Map<String, String> values = new LinkedHashMap<>(given);
    values.keySet().removeAll(others);
    return values;
  }

  private static Set<String> keys(RunConfig c) {
    return RunKeys.of(c.learner(), c.model()).values().stream()
        .flatMap(List::stream)
        .map(Key::name)
        .collect(Collectors.toSet());
  }

  /** The values of the baseline that are those of every run. */
  private static Map<String, String> shared(RunConfig protocol) {
    Map<RunKeys.Group, List<Key>> groups = RunKeys.of(protocol.learner(), protocol.model());
    Set<String> names = new HashSet<>(PLACE);
    groups.get(RunKeys.Group.TASKS).forEach(k -> names.add(k.name()));
    groups.get(RunKeys.Group.EVALUATION).forEach(k -> names.add(k.name()));
    names.removeAll(OWN);
    RunKeys.evaluated(protocol.learner()).forEach(k -> names.remove(k.name()));
    Map<String, String> texts = RunKeys.texts(protocol);
    texts.keySet().retainAll(names);
    return texts;
  }

  private static boolean sameData(RunConfig a, RunConfig b) {
    return a.data().name().equals(b.data().name())
        && a.tasks().dataDir().equals(b.tasks().dataDir());
  }

  private static String data(RunConfig c) {
    String dir = c.tasks().dataDir();
    return "'" + c.data().name() + (dir.isEmpty() ? "" : ":" + dir) + "'";
  }

  private static void refuseOtherKind(RunFolder run, RunFolder base) {
    TaskKind kind = run.config().taskKind().measured();
    TaskKind expected = base.config().taskKind().measured();
    if (kind != expected) {
      throw new ConfigException(
          "Run '%s' is measured on %s, '%s' on %s: expected runs of one kind; compare those apart."
              .formatted(base.path(), expected, run.path(), kind));
    }
  }

  private static void refuseTrainedOn(Session session, List<RunFolder> runs, EvalSpec spec) {
    if (spec.part() == Split.Part.TRAIN) {
      return; // asked for
    }
    for (RunFolder run : runs) {
      session
          .trainedOn(run, spec)
          .ifPresent(
              why -> {
                throw new ConfigException(why);
              });
    }
  }

  /** A bug or a folder that changed meanwhile; differences of other tasks mean nothing. */
  private static void refuseOtherTasks(List<RunFolder> runs, List<Evaluator.ByTask> results) {
    int last = results.size() - 1;
    if (!results.get(last).tasks().equals(results.getFirst().tasks())) {
      throw new RunException(
          "Run '%s' was measured on other tasks than '%s': expected the same %s of the same images; see that the data does not change meanwhile."
              .formatted(
                  runs.get(last).path(),
                  runs.getFirst().path(),
                  Text.count(results.getFirst().byTask().size(), "task")));
    }
  }

  /** The run that the differences are from. */
  public Compared base() {
    return runs.get(baseline);
  }

  /** Whether data is images of classes. */
  public boolean classifies() {
    return protocol.data().kind() == DataSource.Kind.CLASSES;
  }
}
