package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quickstudy.backend.Precision;
import io.quickstudy.benchmarks.Convolutions.Case;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Convolutions of many shapes beside im2col and OpenBLAS. */
@Command(
    name = "sweep",
    description = "Convolutions of many shapes, one thread, beside im2col with OpenBLAS.",
    mixinStandardHelpOptions = true)
final class SweepCommand implements Callable<Integer> {
  private static final int WARM_UP = 20_000;
  private static final String PROGRAM = "quickstudy.benchmarks.im2col";
  private static final int ROUNDS = 3;
  private static final int MOST_STEPS = 1000;
  private static final double CLIFF = 0.5;
  private static final double CLOSE = 1e-4;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "length of a turn (default: ${DEFAULT-VALUE})")
  private double seconds = 0.02;

  @Option(
      names = "--every",
      paramLabel = "N",
      description = "one shape of so many (default: ${DEFAULT-VALUE})")
  private int every = 1;

  @Option(names = "--json", paramLabel = "FILE", description = "where to record all of it")
  private Path json;

  @Override
  public Integer call() {
    ObjectNode record = Machine.describe("sweep");
    ArrayNode rows = record.putArray("shapes");
    System.out.printf(
        "%-8s %5s %7s %4s %4s %7s %9s %9s %6s%n",
        "gradient", "n", "h = w", "c", "o", "k/str", "GFLOP/s", "im2col", "ratio");
    int cliffs = 0;
    try (Engine engine = Engine.open("cpu", 1, Precision.FP32)) {
      List<Case> cases = Convolutions.all();
      warmUp(engine, cases.getFirst());
      for (int i = 0; i < cases.size(); i += every) {
        Case c = cases.get(i);
        double[] ms = times(engine, c);
        double ours = c.flops() / ms[0] / 1e6;
        double theirs = c.flops() / ms[1] / 1e6;
        boolean cliff = ours < CLIFF * theirs;
        cliffs += cliff ? 1 : 0;
        System.out.printf(
            "%-8s %5d %7d %4d %4d %7s %9.1f %9.1f %6.2f%s%n",
            c.words().get(0),
            c.n(),
            c.extent(),
            c.c(),
            c.o(),
            c.k() + "/" + c.stride(),
            ours,
            theirs,
            ours / theirs,
            cliff ? " <- under half" : "");
        ObjectNode row = rows.addObject();
        row.put("shape", String.join(" ", c.words()));
        row.put("gflops", ours);
        row.put("im2col_gflops", theirs);
      }
      System.out.printf("%d shapes, %d of them under half.%n", rows.size(), cliffs);
    }
    if (json != null) {
      Json.write(json, record);
    }
    return 0;
  }

  /** Until the virtual machine has compiled the way of a call; the first shapes would pay for it. */
  private static void warmUp(Engine engine, Case c) {
    try (Compiled program = c.compile(engine)) {
      run(program, WARM_UP);
    }
  }

  /** Median milliseconds of both, after their results are seen to be the same. */
  private double[] times(Engine engine, Case c) {
    String program = System.getProperty(PROGRAM);
    if (program == null) {
      throw new BenchmarkException("im2col is not named: start this with benchmarks/run.");
    }
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(c.words());
    try (Compiled ours = c.compile(engine);
        Peer theirs = Peer.program("im2col", command)) {
      ours.run();
      double ms = theirs.run(2)[1];
      String[] sum = theirs.ask("sum").split(" ");
      double difference = Math.abs(Convolutions.sum(ours) - Double.parseDouble(sum[0]));
      if (!(difference <= CLOSE * Double.parseDouble(sum[1]))) {
        throw new BenchmarkException(
            "Convolution %s: the sum is %.3e off im2col's; expected the same."
                .formatted(c.words(), difference));
      }
      int theirSteps = steps(ms);
      int ourSteps = steps(run(ours, 3)[2]);
      Times ourTimes = new Times();
      Times theirTimes = new Times();
      for (int round = 0; round < ROUNDS; round++) {
        ourTimes.add(run(ours, ourSteps));
        theirTimes.add(theirs.run(theirSteps));
      }
      return new double[] {ourTimes.median() / c.copies(), theirTimes.median()};
    }
  }

  private int steps(double ms) {
    return (int) Math.clamp(1e3 * seconds / ms, 3, MOST_STEPS);
  }

  private static double[] run(Compiled c, int steps) {
    double[] ms = new double[steps];
    for (int i = 0; i < steps; i++) {
      long start = System.nanoTime();
      c.run();
      ms[i] = (System.nanoTime() - start) / 1e6;
    }
    return ms;
  }
}
