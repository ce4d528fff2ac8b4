package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Both sides on the CPU, in turn. */
@Command(
    name = "cpu",
    description = "Quickstudy and libtorch in turn: the same results first, then times.",
    mixinStandardHelpOptions = true)
final class CpuCommand implements Callable<Integer> {
  @Mixin private Selection selection;
  @Mixin private PaceOptions pace;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "threads of each side (default: ${DEFAULT-VALUE})")
  private int workers = 2;

  @Override
  public Integer call() {
    Machine machine = Machine.measure(workers);
    ObjectNode record = Machine.describe("cpu");
    ObjectNode peak = record.putObject("peak_gflops");
    machine.peak().forEach((threads, gflops) -> peak.put(Integer.toString(threads), gflops));
    ArrayNode rows = record.putArray("workloads");
    PairTable table = new PairTable(machine.peak(workers));
    table.header(record);
    boolean failed = false;
    for (Workload w : selection.workloads()) {
      try {
        for (Duel.Outcome o : new Duel(w, workers, pace.pace()).run()) {
          table.row(o);
          rows.add(json(o));
        }
      } catch (BenchmarkException e) {
        System.err.println("benchmarks: " + e.getMessage());
        failed = true;
      }
      pace.json().ifPresent(file -> Json.write(file, record)); // after each, since all take long
    }
    return failed ? 1 : 0;
  }

  private static ObjectNode json(Duel.Outcome o) {
    ObjectNode n = Json.object();
    n.put("name", o.workload().toString());
    n.put("opponent", o.opponent());
    n.put("ratio", o.ratio());
    ArrayNode ratios = n.putArray("ratio_by_round");
    for (int round = 0; round < o.ours().times().turns(); round++) {
      ratios.add(o.ratio(round));
    }
    n.put("gflop", o.flops() / 1e9);
    n.set("small_case_error", Json.agreement(o.small()));
    n.set("ours", side(o.ours()));
    ObjectNode theirs = side(o.theirs());
    theirs.put("setting", o.options().toString());
    ObjectNode tried = theirs.putObject("tried_ms");
    for (Map.Entry<TorchOptions, Double> e : o.tried().entrySet()) {
      tried.put(e.getKey().toString(), Json.round(e.getValue()));
    }
    n.set("libtorch", theirs);
    return n;
  }

  private static ObjectNode side(Duel.Measured m) {
    ObjectNode n = Json.object();
    n.put("median_ms", Json.round(m.times().median()));
    n.put("min_ms", Json.round(m.times().min()));
    n.set("error", Json.agreement(m.error()));
    for (String field : List.of("ready_mib", "peak_mib", "versions")) {
      n.set(field, m.status().get(field));
    }
    n.set("runs_ms", Json.milliseconds(m.times().all()));
    return n;
  }
}
