package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Quickstudy on the CPU in several variants, in turn: one line for each workload. */
final class Variants {
  private final Map<String, Variant> variants;

  /**
   * One way to start it.
   *
   * @param workers its threads
   * @param environment variables added to its environment
   */
  record Variant(int workers, Map<String, String> environment) {}

  /**
   * What to compare.
   *
   * @param variants by name; ratios are to the last
   */
  Variants(Map<String, Variant> variants) {
    this.variants = new LinkedHashMap<>(variants);
  }

  /** Measures all of them on some workloads and prints medians and their ratios to the last. */
  ObjectNode run(List<Workload> workloads, Pace pace, String command) {
    ObjectNode record = Machine.describe(command);
    var rows = record.putArray("workloads");
    System.out.printf("%-17s", "workload");
    variants.keySet().forEach(n -> System.out.printf(" %14s ms", n));
    System.out.printf("   times the last%n");
    try (Scratchpad pad = new Scratchpad()) {
      for (Workload w : workloads) {
        Path file = pad.write(Episodes.of(w), "case");
        List<Times> times = times(file, pace);
        ObjectNode row = rows.addObject();
        row.put("name", w.toString());
        System.out.printf("%-17s", w);
        int i = 0;
        for (String name : variants.keySet()) {
          double ms = times.get(i++).median();
          row.put(name + "_ms", Json.round(ms));
          System.out.printf(" %17.3f", ms);
        }
        double last = times.get(times.size() - 1).median();
        System.out.print("  ");
        for (Times t : times.subList(0, times.size() - 1)) {
          System.out.printf(" %.2f", t.median() / last);
        }
        System.out.println();
      }
    }
    return record;
  }

  private List<Times> times(Path file, Pace pace) {
    List<Peer> peers = new ArrayList<>();
    try {
      for (Variant v : variants.values()) {
        Peer peer = Peer.ours(v.workers(), v.environment());
        peers.add(peer);
        peer.open(file);
      }
      return pace.inTurn(peers);
    } finally {
      peers.forEach(Peer::close);
    }
  }
}
