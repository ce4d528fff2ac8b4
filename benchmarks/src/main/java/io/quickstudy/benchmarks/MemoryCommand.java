package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quickstudy.backend.Precision;
import io.quickstudy.run.Configurations;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.train.Session;
import io.quickstudy.train.TrainListener;
import io.quickstudy.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
      paramLabel = "NAMES",
      split = ",",
      description = "configurations that are trained (default: ${DEFAULT-VALUE})")
  private List<String> trained = List.of("sinusoid-10s-maml", "glyphs-5w1s-protonet");

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "training steps (default: ${DEFAULT-VALUE})")
  private int steps = 10_000;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "threads (default: ${DEFAULT-VALUE})")
  private int workers = 2;

  @Option(names = "--json", paramLabel = "FILE", description = "where to record all of it")
  private Path json;

  @Override
  public Integer call() throws IOException {
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
    for (String name : trained) {
      train(name, record.putArray("resident_mib_by_steps_of_" + name));
    }
    if (json != null) {
      Json.write(json, record);
    }
    return 0;
  }

  /** Trains with optimiser, metrics and checkpoints, as the command line does; images are small. */
  private void train(String name, ArrayNode resident) throws IOException {
    System.out.printf("%s: the process's memory by training steps%n", name);
    Map<String, String> values = new LinkedHashMap<>(Configurations.values(name));
    values.putAll(Map.of("steps", Integer.toString(steps), "device", "cpu"));
    values.putAll(Map.of("eval-every", "0", "workers", Integer.toString(workers)));
    if (!name.startsWith("sinusoid")) {
      values.putAll(Map.of("filters", "8", "size", "20", "meta-batch", "2", "queries", "2"));
    }
    RunConfig config = Recipes.complete(values);
    Path folder = Files.createTempDirectory("quickstudy-memory");
    try (Session session = Session.open(config, TrainListener.NONE);
        Trainer trainer =
            new Trainer(
                session, RunFolder.create(folder.resolve("run"), config), sampler(resident))) {
      trainer.run(() -> false);
    } finally {
      try (Stream<Path> all = Files.walk(folder)) {
        all.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
      }
    }
  }

  private TrainListener sampler(ArrayNode resident) {
    return new TrainListener() {
      @Override
      public void step(Progress p) {
        if (p.step() == 1 || p.step() % Math.max(1, steps / LINES) == 0) {
          long mib = Child.memory("VmRSS:");
          System.out.printf("%6d %9d MiB%n", p.step(), mib);
          resident.add(mib);
        }
      }
    };
  }
}
