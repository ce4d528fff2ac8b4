package io.quickstudy.benchmarks;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The option that all commands have. */
final class Selection {
  @Option(
      names = "--workloads",
      split = ",",
      paramLabel = "NAME",
      description = "some of: ${COMPLETION-CANDIDATES} (default: all)")
  private List<Workload> workloads = new ArrayList<>(List.of(Workload.values()));

  /** What was asked for. */
  List<Workload> workloads() {
    return workloads;
  }
}
