package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.IntStream;

/** Outcomes as lines of text, each printed as soon as it is there. */
final class PairTable {
  private final double peak;

  /**
   * A table.
   *
   * @param peak GFLOP/s of the machine with as many threads as a side has
   */
  PairTable(double peak) {
    this.peak = peak;
  }

  /** What the columns are, under what was measured with. */
  void header(ObjectNode machine) {
    machine.properties().stream()
        .filter(e -> e.getValue().isValueNode() || e.getValue().isObject())
        .forEach(e -> System.out.println(e.getKey() + ": " + e.getValue().toString()));
    System.out.printf(
        "%n%-17s %-18s %10s %10s %6s %-13s %8s %15s %13s %13s %17s%n",
        "workload",
        "opponent",
        "ours ms",
        "theirs ms",
        "ratio",
        "(of rounds)",
        "GFLOP",
        "GFLOP/s",
        "% of peak",
        "peak MiB",
        "gradient error");
  }

  /** One outcome. */
  void row(Duel.Outcome o) {
    double[] ratios =
        IntStream.range(0, o.ours().times().turns()).mapToDouble(o::ratio).sorted().toArray();
    double ours = o.flops() / o.ours().times().median() / 1e6;
    double theirs = o.flops() / o.theirs().times().median() / 1e6;
    System.out.printf(
        "%-17s %-18s %10.3f %10.3f %6.2f %-13s %8.3f %7.1f %7.1f %6.1f %6.1f %6d %6d %8.1e %8.1e%n",
        o.workload(),
        o.opponent(),
        o.ours().times().median(),
        o.theirs().times().median(),
        o.ratio(),
        "(%.2f-%.2f)".formatted(ratios[0], ratios[ratios.length - 1]),
        o.flops() / 1e9,
        ours,
        theirs,
        100 * ours / peak,
        100 * theirs / peak,
        o.ours().status().get("peak_mib").asLong(),
        o.theirs().status().get("peak_mib").asLong(),
        o.ours().error().gradient(),
        o.theirs().error().gradient());
  }
}
