package io.quickstudy.benchmarks;

import io.quickstudy.backend.Precision;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Quickstudy alone, on any device. */
@Command(
    name = "time",
    description = "Quickstudy alone, on any device.",
    mixinStandardHelpOptions = true)
final class TimeCommand implements Callable<Integer> {
  private static final int MOST_RUNS = 2000;

  /** Steps are timed together until they take as long. */
  private static final double LEAST_MS = 2;

  private static final int MOST_TOGETHER = 100;

  @Mixin private Selection selection;

  @Option(
      names = "--device",
      paramLabel = "cpu|cuda[:i]",
      description = "where to run (default: ${DEFAULT-VALUE})")
  private String device = "cpu";

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "threads on the CPU (default: ${DEFAULT-VALUE})")
  private int workers = 2;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "fp32, or tf32 on CUDA (default: ${DEFAULT-VALUE})")
  private Precision precision = Precision.FP32;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "how long to time each, at least five steps (default: ${DEFAULT-VALUE})")
  private double seconds = 3;

  @Option(names = "--json", paramLabel = "FILE", description = "where to record all of it")
  private Path json;

  @Override
  public Integer call() {
    ObjectNode record = Machine.describe("time --device " + device);
    record.put("device", device);
    ArrayNode rows = record.putArray("workloads");
    System.out.printf(
        "%-17s %10s %10s %8s %8s %9s %9s   %s%n",
        "workload",
        "median ms",
        "min ms",
        "first s",
        "GFLOP",
        "GFLOP/s",
        "MiB",
        "from the CPU: loss, gradient");
    for (Workload w : selection.workloads()) {
      CaseFile start = Episodes.of(w);
      Map<String, Values> reference = Ours.once(start);
      long opened = System.nanoTime();
      try (Ours ours = Ours.open(start, device, workers, precision)) {
        ours.run();
        ours.results(); // a step on a GPU is waited for by whoever reads what it left
        double first = (System.nanoTime() - opened) / 1e9;
        if (!record.has("versions")) {
          record.set("versions", Json.object(ours.versions()));
        }
        Times times = times(ours);
        Map<String, Values> results = ours.results();
        long flops = Flops.of(start);
        Agreement a = Agreement.of(reference, results);
        print(w, times, first, flops, ours.bytes(), a);
        ObjectNode n = rows.addObject();
        n.put("name", w.toString());
        n.put("median_ms", Json.round(times.median()));
        n.put("min_ms", Json.round(times.min()));
        n.put("first_s", Json.round(first));
        n.set("runs_ms", Json.milliseconds(times.all()));
        if (results.containsKey("loss")) {
          n.put("loss", results.get("loss").floats()[0]);
        }
        n.put("gflop", flops / 1e9);
        n.put("bytes", ours.bytes());
        n.set("from_cpu", Json.agreement(a));
      }
      if (json != null) {
        Json.write(json, record);
      }
    }
    return 0;
  }

  private Times times(Side side) {
    double first = Double.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      first = Math.min(first, steps(side, 1));
    }
    int together = (int) Math.clamp(LEAST_MS / first, 1, MOST_TOGETHER);
    double[] ms = new double[(int) Math.clamp(1e3 * seconds / first / together, 5, MOST_RUNS)];
    for (int i = 0; i < ms.length; i++) {
      ms[i] = steps(side, together);
    }
    Times times = new Times();
    times.add(ms);
    return times;
  }

  /**
   * The mean of some steps. On a GPU a step is started behind the one before, which is then waited
   * for, so that of short ones alone it would be chance what each call takes.
   */
  private static double steps(Side side, int many) {
    long start = System.nanoTime();
    for (int i = 0; i < many; i++) {
      side.run();
    }
    return (System.nanoTime() - start) / 1e6 / many;
  }

  private static void print(
      Workload w, Times times, double first, long flops, long bytes, Agreement a) {
    System.out.printf(
        "%-17s %10.3f %10.3f %8.2f %8.3f %9.1f %9.1f   %.1e %.1e (%s)%n",
        w,
        times.median(),
        times.min(),
        first,
        flops / 1e9,
        flops / times.median() / 1e6,
        bytes / 1048576.0,
        a.loss(),
        a.gradient(),
        a.where());
  }
}
