package io.quickstudy.benchmarks;

import io.quickstudy.backend.Precision;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Where the time of a step goes. */
@Command(
    name = "profile",
    description = "A line for each kernel call of a step, the longest first.",
    mixinStandardHelpOptions = true)
final class ProfileCommand implements Callable<Integer> {
  @Option(
      names = "--workload",
      required = true,
      paramLabel = "NAME",
      description = "one of: ${COMPLETION-CANDIDATES}")
  private Workload workload;

  @Option(
      names = "--device",
      paramLabel = "cpu|cuda[:i]",
      description = "where to run (default: ${DEFAULT-VALUE})")
  private String device = "cpu";

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "how many to average (default: ${DEFAULT-VALUE})")
  private int runs = 3;

  @Override
  public Integer call() {
    try (Ours ours = Ours.open(Episodes.of(workload), device, 1, Precision.FP32)) {
      ours.run();
      System.out.print(ours.profile(runs));
    }
    return 0;
  }
}
