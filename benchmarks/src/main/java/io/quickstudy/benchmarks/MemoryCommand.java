package io.quickstudy.benchmarks;

import io.quickstudy.backend.Precision;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Memory against inner steps and against training steps. */
@Command(
    name = "memory",
    description = "Memory against the number of inner steps, and over 10,000 training steps.",
    mixinStandardHelpOptions = true)
final class MemoryCommand implements Callable<Integer> {
  private static final int LINES = 10;
  private static final double MIB = 1 << 20;

  @Option(
      names = "--workload",
      paramLabel = "NAME",
      description = "whose inner steps (default: ${DEFAULT-VALUE})")
  private Workload inner = Workload.MAML_MINI;

  @Option(
      names = "--inner-steps",
      paramLabel = "N",
      description = "the most of them (default: ${DEFAULT-VALUE})")
  private int most = 8;

  @Option(
      names = "--trained",
      paramLabel = "NAME",
      description = "what is run again and again (default: ${DEFAULT-VALUE})")
  private Workload trained = Workload.MAML_SINE_1;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "how often (default: ${DEFAULT-VALUE})")
  private int steps = 10_000;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "threads (default: ${DEFAULT-VALUE})")
  private int workers = 2;

  @Option(names = "--json", paramLabel = "FILE", description = "where to record all of it")
  private Path json;

  @Override
  public Integer call() {
    ObjectNode record = Machine.describe("memory");
    record.put("workload", inner.toString());
    ArrayNode bySteps = record.putArray("program_mib_by_inner_steps");
    System.out.printf("%s: the program's memory by inner steps%n", inner);
    CaseFile start = Episodes.of(inner);
    double before = Double.NaN;
    for (int k = 1; k <= most; k++) {
      try (Ours ours = Ours.open(start, inner.learner(k), "cpu", workers, Precision.FP32)) {
        double mib = ours.bytes() / MIB;
        System.out.printf("%6d %9.1f MiB  %+.1f%n", k, mib, mib - before);
        bySteps.add(mib);
        before = mib;
      }
    }
    record.put("trained", trained.toString());
    ArrayNode resident = record.putArray("resident_mib_by_steps");
    System.out.printf("%s: the process's memory by steps, episodes set before each%n", trained);
    CaseFile episodes = Episodes.of(trained);
    try (Ours ours = Ours.open(episodes, workers)) {
      for (int i = 0; i <= steps; i++) {
        ours.set(episodes);
        ours.run();
        ours.results();
        if (i % Math.max(1, steps / LINES) == 0) {
          long mib = Child.memory("VmRSS:");
          System.out.printf("%6d %9d MiB%n", i, mib);
          resident.add(mib);
        }
      }
    }
    if (json != null) {
      Json.write(json, record);
    }
    return 0;
  }
}
