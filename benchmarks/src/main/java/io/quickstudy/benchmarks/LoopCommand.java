package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The time loop of an LSTM: as one node, as a graph of all steps, and libtorch's, in turn. */
@Command(
    name = "loop",
    description =
        "Loss and gradient of an LSTM of 200 over sequences: as one node (Scan), as a graph of all"
            + " steps, and libtorch's fused and unrolled ones, in turn.",
    mixinStandardHelpOptions = true)
final class LoopCommand implements Callable<Integer> {
  private static final Workload OF = Workload.LSTM_SEQUENCE;
  private static final double SECOND = 1e9;

  @Mixin private PaceOptions pace;

  @Option(
      names = "--steps",
      split = ",",
      paramLabel = "N",
      description = "lengths of the sequences (default: ${DEFAULT-VALUE})")
  private List<Integer> steps = List.of(50, 500);

  @Option(
      names = "--tasks",
      paramLabel = "N",
      description = "sequences at once (default: ${DEFAULT-VALUE})")
  private int tasks = OF.size().tasks();

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "threads of each side (default: ${DEFAULT-VALUE})")
  private int workers = 2;

  /** One side at a length: when it was ready, its times, its error, what its process says. */
  private record Row(String name, double ready, Times times, Agreement error, JsonNode status) {}

  @Override
  public Integer call() {
    ObjectNode record = Machine.describe("loop");
    record.put("tasks", tasks);
    record.put("workers", workers);
    ArrayNode rows = record.putArray("rows");
    System.out.printf(
        "%6s  %-18s %9s %9s %9s %8s %8s %9s %9s %9s%n",
        "length", "form", "ms", "least", "steps/s", "of Scan", "ready s", "ready MiB", "peak MiB",
        "error");
    for (int n : steps) {
      if (n < 1 || n % OF.ways() != 0) {
        throw new BenchmarkException(
            "Option --steps is %s: expected multiples of %s, the classes of a sequence; change it."
                .formatted(n, OF.ways()));
      }
      List<Row> found = measure(n);
      for (Row r : found) {
        print(n, r, found.getFirst().times().median());
        rows.add(json(n, r, found.getFirst().times().median()));
      }
      pace.json().ifPresent(file -> Json.write(file, record)); // after each, since all take long
    }
    return 0;
  }

  private List<Row> measure(int n) {
    CaseFile start = Episodes.of(OF, new Workload.Size(tasks, n / OF.ways(), 0));
    Map<String, Peer> peers = new LinkedHashMap<>();
    try (Scratchpad pad = new Scratchpad()) {
      Path file = pad.write(start, "case");
      TorchOptions fused = torch(TorchOptions.Lstm.FUSED);
      Map<String, Values> reference;
      try (Peer exact = Peer.torch(fused.reference())) {
        exact.open(file);
        exact.run(1);
        reference = exact.results(pad.file("results"));
      }
      peers.put("Scan", Peer.ours(workers, LoopedLstm.Form.SCAN));
      peers.put("unrolled", Peer.ours(workers, LoopedLstm.Form.UNROLLED));
      peers.put("libtorch fused", Peer.torch(fused));
      peers.put("libtorch unrolled", Peer.torch(torch(TorchOptions.Lstm.UNROLLED)));
      List<Double> ready = new ArrayList<>();
      List<Agreement> errors = new ArrayList<>();
      for (Map.Entry<String, Peer> p : peers.entrySet()) {
        long before = System.nanoTime();
        p.getValue().open(file);
        ready.add((System.nanoTime() - before) / SECOND);
        p.getValue().run(1);
        Agreement a = Agreement.of(reference, p.getValue().results(pad.file("results")));
        Tolerance.SHARP.check(OF, p.getKey(), a);
        errors.add(a);
      }
      List<Times> times = pace.pace().inTurn(List.copyOf(peers.values()));
      List<Row> rows = new ArrayList<>();
      int i = 0;
      for (Map.Entry<String, Peer> p : peers.entrySet()) {
        JsonNode status = p.getValue().status();
        rows.add(new Row(p.getKey(), ready.get(i), times.get(i), errors.get(i), status));
        i++;
      }
      return rows;
    } finally {
      peers.values().forEach(Peer::close);
    }
  }

  private TorchOptions torch(TorchOptions.Lstm lstm) {
    return new TorchOptions(
        TorchOptions.Precision.SINGLE,
        TorchOptions.Layout.CONTIGUOUS,
        TorchOptions.Memory.KEPT,
        lstm,
        workers);
  }

  private static void print(int n, Row r, double scan) {
    double ms = r.times().median();
    System.out.println(
        String.format(
            Locale.ROOT,
            "%6d  %-18s %9.2f %9.2f %9.2f %8.2f %8.2f %9d %9d %9.1e",
            n,
            r.name(),
            ms,
            r.times().min(),
            1e3 / ms,
            ms / scan,
            r.ready(),
            r.status().get("ready_mib").asLong(),
            r.status().get("peak_mib").asLong(),
            r.error().worst()));
  }

  private static ObjectNode json(int n, Row r, double scan) {
    ObjectNode o = Json.object();
    o.put("length", n);
    o.put("form", r.name());
    o.put("median_ms", Json.round(r.times().median()));
    o.put("min_ms", Json.round(r.times().min()));
    o.put("steps_per_second", 1e3 / r.times().median());
    o.put("of_scan", r.times().median() / scan);
    o.put("ready_seconds", r.ready());
    o.set("error", Json.agreement(r.error()));
    for (String field : List.of("ready_mib", "peak_mib", "program_mib", "versions")) {
      if (r.status().has(field)) {
        o.set(field, r.status().get(field));
      }
    }
    o.set("runs_ms", Json.milliseconds(r.times().all()));
    return o;
  }
}
