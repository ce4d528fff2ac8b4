package io.quickstudy.cli;

import io.quickstudy.explain.Explanation;
import io.quickstudy.explain.Explanation.Arithmetic;
import io.quickstudy.explain.GradientTerms;
import io.quickstudy.explain.GradientWords;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.report.GradientPage;
import io.quickstudy.report.Report;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Configurations;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.TaskKind;
import io.quickstudy.text.Names;
import io.quickstudy.train.Beginning;
import io.quickstudy.train.Session;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quickstudy explain}. */
@Command(
    name = "explain",
    description =
        "Explains a run, or a fresh network: of what the gradients of MAML, FOMAML and Reptile are"
            + " made.",
    abbreviateSynopsis = true,
    sortOptions = false,
    footer = {
      "",
      "Without RUN it is a fresh network of these options, as train would begin with.",
    })
final class ExplainCommand implements Callable<Integer> {
  private static final String GRADIENTS = "gradients";

  /** What may be other than a run has it. */
  private static final Set<String> OF_RUNS =
      Set.of(
          "data",
          "split",
          "shots",
          "queries",
          "inner-rate",
          "seed",
          "device",
          "precision",
          "workers",
          "memory-limit");

  private final Console console;

  @Spec private CommandSpec command;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TOPIC",
      description = "what to explain: gradients")
  private String topic;

  @Parameters(index = "1", arity = "0..1", paramLabel = "RUN", description = "a run's folder")
  private Path run;

  @Option(
      names = "--config",
      paramLabel = "NAME|FILE",
      description = "a ready configuration ('quickstudy list'), or YAML with any of these values")
  private String configuration;

  @Option(names = "--tasks", paramLabel = "N", description = "tasks to average over (16)")
  private String tasks = "16";

  @Option(
      names = "--double",
      description = "compute in double precision: slowly, for small networks")
  private boolean exact;

  @Option(names = "--html", paramLabel = "FILE", description = "write a page with the chart")
  private Path html;

  @Option(names = "--json", description = "print the result as one JSON object")
  private boolean json;

  ExplainCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (topic == null) {
      throw new ConfigException(
          "TOPIC is missing: expected gradients; say 'quickstudy explain gradients'.");
    }
    if (!topic.equals(GRADIENTS)) {
      throw new ConfigException(Names.unknown("topic", topic, List.of(GRADIENTS)));
    }
    if (html != null) {
      Report.refuseIfOther("--html", html); // before anything takes time
    }
    int count = WorkOptions.number("--tasks", tasks, 1);
    Optional<RunFolder> folder = Optional.ofNullable(run).map(RunFolder::open);
    Optional<Checkpoint> checkpoint = folder.map(f -> f.trained(console::message));
    RunConfig config = folder.map(f -> ofRun(f.config())).orElseGet(this::fresh);
    GradientTerms t;
    try (Session session = Session.open(config, console)) {
      Map<String, Array> theta =
          checkpoint.map(Checkpoint::theta).orElseGet(() -> Beginning.theta(session, console));
      t =
          Explanation.gradients(
              session, theta, count, exact ? Arithmetic.DOUBLE : Arithmetic.DEVICE);
    } catch (ConfigException wrong) {
      // tasks are as in training here
      throw new ConfigException(wrong.getMessage().replace("--eval-", "--"), wrong);
    } finally {
      console.endBar();
    }
    String title =
        "%s on %s, %s"
            .formatted(
                config.learner(),
                config.data().name(),
                checkpoint
                    .map(c -> "run %s, step %s".formatted(run, c.step()))
                    .orElse("a fresh network"));
    if (html != null) {
      Report.write(GradientPage.make(title, t), html);
    }
    if (json) {
      console.json(json(config, checkpoint, t));
    } else {
      console.out().println(title + ":");
      GradientWords.text(t).forEach(console.out()::println);
      if (html != null) {
        console.out().println("  page " + html + "; open it in a browser");
      }
    }
    return 0;
  }

  private Map<String, Object> json(
      RunConfig config, Optional<Checkpoint> checkpoint, GradientTerms t) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("learner", config.learner().name());
    m.put("data", config.data().name());
    m.put("run", run == null ? null : run.toString());
    m.put("step", checkpoint.map(Checkpoint::step).orElse(0));
    m.put("seed", config.run().seed());
    m.putAll(GradientWords.json(t));
    return m;
  }

  private RunConfig ofRun(RunConfig config) {
    Map<String, String> given = ConfigOptions.given(command);
    if (configuration != null) {
      throw new ConfigException(
          "Option --config with a run: expected one of them; leave the other out.");
    }
    for (String key : given.keySet()) {
      if (!OF_RUNS.contains(key)) {
        throw new ConfigException(
            "Option --%s with a run: expected what is as the run has it; leave it out, or leave out the run for a fresh network."
                .formatted(key));
      }
    }
    return Overrides.measure(config, given);
  }

  private RunConfig fresh() {
    Map<String, String> given = new LinkedHashMap<>();
    if (configuration != null) {
      given.putAll(Recipes.normalise(Configurations.find(configuration)));
    }
    given.putAll(Recipes.normalise(ConfigOptions.given(command)));
    given.computeIfAbsent("learner", k -> usual().name());
    return Recipes.complete(given);
  }

  /** A learner that has outputs to explain: the first that also takes functions. */
  private static LearnerKind<?> usual() {
    return Learners.ALL.stream()
        .filter(l -> l.takes(TaskKind.REGRESSION) && l.takes(TaskKind.EPISODES))
        .findFirst()
        .orElseThrow();
  }
}
