package io.quickstudy.cli;

import io.quickstudy.check.CheckOptions;
import io.quickstudy.check.CheckReport;
import io.quickstudy.check.LearnerCheck;
import io.quickstudy.check.OpChecks;
import io.quickstudy.check.Subject;
import io.quickstudy.run.Recipes;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quickstudy check}. */
@Command(
    name = "check",
    description =
        "Checks learners' gradients against differences, and devices against a reference in double"
            + " precision.",
    sortOptions = false,
    footer = {
      "",
      "With no options: all learners, on the CPU and any GPU. The bundle checks every op as well.",
    })
final class CheckCommand implements Callable<Integer> {
  private static final String DEVICE = "cpu|cuda(:[0-9]{1,4})?";

  private final Console console;

  @Option(names = "--learner", paramLabel = "NAME", description = "this learner alone")
  private String learner;

  @Option(
      names = "--classpath",
      paramLabel = "PATH",
      description = "jars and folders where a learner of your own is")
  private String classpath;

  @Option(
      names = "--device",
      paramLabel = "cpu|cuda|cuda:1",
      description = "this device alone (default: the CPU and any GPU)")
  private String device;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  CheckCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (device != null && !device.matches(DEVICE)) {
      throw new ConfigException(Names.unknown("device", device, List.of("cpu", "cuda", "cuda:1")));
    }
    List<Subject> subjects =
        learner == null ? CheckedLearners.all() : CheckedLearners.named(learner, path());
    CheckOptions options = CheckOptions.usual();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("passed", false); // until it is known
    List<CheckReport> reports;
    try (LearnerCheck check =
        LearnerCheck.open(device == null ? options : options.devices(device))) {
      result.put("devices", check.devices());
      if (!json) {
        check.devices().forEach(this::describe);
      }
      check.missing().forEach((d, why) -> console.message(d + " is not compared: " + why));
      result.put("missing", check.missing());
      reports = learners(check, subjects);
    }
    result.put("learners", reports.stream().map(CheckReport::json).toList());
    Optional<OpChecks.Found> ops = learner == null ? ops(result) : Optional.empty();
    long failed = reports.stream().filter(r -> !r.passed()).count();
    boolean passed = failed == 0 && ops.map(OpChecks.Found::allPassed).orElse(true);
    result.put("passed", passed);
    if (json) {
      console.json(result);
    } else {
      console.out().println(summary(passed, reports.size(), failed, ops));
    }
    return passed ? 0 : Failures.FAILED;
  }

  private String path() {
    return classpath == null
        ? ""
        : Recipes.normalise(Map.of("classpath", classpath)).get("classpath");
  }

  private void describe(String name, Map<String, String> found) {
    console.out().println("checking " + name);
    found.forEach((key, value) -> console.out().println("  " + key + ": " + value));
  }

  private List<CheckReport> learners(LearnerCheck check, List<Subject> subjects) {
    List<CheckReport> out = new ArrayList<>();
    for (Subject s : subjects) {
      CheckReport r = check.run(s);
      out.add(r);
      (json ? console.err() : console.out()).println(r.text());
    }
    return out;
  }

  /** Every op, where its checks are at hand. */
  private Optional<OpChecks.Found> ops(Map<String, Object> result) {
    Optional<OpChecks> checks = OpChecks.find();
    if (checks.isEmpty()) {
      console.message(
          "Ops are not checked here: the bundle does it, and in a checkout the tests (mvn"
              + " verify).");
      return Optional.empty();
    }
    String on = device == null ? "cpu" : device;
    OpChecks.Found found = checks.get().run(on, console::message);
    found.failures().forEach(line -> (json ? console.err() : console.out()).println(line));
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("device", on);
    m.put("passed", found.passed());
    m.put("failed", found.failed());
    m.put("skipped", found.skipped());
    m.put("failures", found.failures());
    result.put("ops", m);
    return Optional.of(found);
  }

  private static String summary(
      boolean passed, int count, long failed, Optional<OpChecks.Found> ops) {
    String learners =
        "%s passed, %s failed".formatted(Text.count(count - failed, "learner"), failed);
    String rest =
        ops.map(
                f ->
                    "; ops: %s checks passed, %s failed, %s skipped"
                        .formatted(f.passed(), f.failed(), f.skipped()))
            .orElse("");
    return "%s: %s%s".formatted(passed ? "OK" : "FAILED", learners, rest);
  }
}
