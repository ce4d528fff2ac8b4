package io.quickstudy.benchmarks;

import static io.quickstudy.graph.Ops.mean;

import io.quickstudy.backend.Precision;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a loop that is one node costs: trace, compile, step and memory. */
@Command(
    name = "scan",
    description =
        "Loss and gradient of a memory-augmented network in a loop: seconds to trace and to compile,"
            + " milliseconds of a step, memory.",
    mixinStandardHelpOptions = true)
final class ScanCommand implements Callable<Integer> {
  private static final double SECOND = 1e9;

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
  private int tasks = 16;

  @Option(
      names = "--every",
      paramLabel = "N",
      description =
          "steps from one kept carry to the next; 0 for a graph of all steps (default:"
              + " ${DEFAULT-VALUE})")
  private int every = 1;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "of which the median counts (default: ${DEFAULT-VALUE})")
  private int runs = 5;

  @Option(names = "--profile", description = "where a step's time goes as well")
  private boolean profile;

  @Override
  public Integer call() {
    MemoryNet net = MemoryNet.large();
    System.out.println("steps  trace s  compile s  step ms   least  memory");
    for (int n : steps) {
      try (Engine cpu = Engine.open("cpu", 1, Precision.FP32)) {
        measure(cpu, net, n);
      }
    }
    return 0;
  }

  private void measure(Engine cpu, MemoryNet net, int n) {
    Map<String, Array> start = cpu.evaluate(net.init(new Init(1)));
    Params theta = net.init(new Init(1));
    Params batch = net.batch(tasks, n);
    Signature types =
        new Signature(
            Signature.types(theta), Signature.types(batch), Map.of(), tasks, Set.of("x", "y"));
    long[] traced = new long[2];
    Function f =
        (state, inputs, residents) -> {
          traced[0] = System.nanoTime();
          Grad.Result<Void> r = Grad.valueAndGrad(p -> loss(net, p, inputs), state);
          traced[1] = System.nanoTime();
          Params rest = r.grad().under("gradient").with("loss", r.value());
          return new Function.Result(state, rest);
        };
    long before = System.nanoTime();
    try (Compiled c = cpu.compile("scan", types, f)) {
      double all = (System.nanoTime() - before) / SECOND;
      double trace = (traced[1] - traced[0]) / SECOND;
      c.setState(start);
      SplittableRandom random = new SplittableRandom(2);
      float[] x = new float[tasks * n * net.in()];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextDouble();
      }
      c.set("x", x);
      c.set("y", random.ints((long) tasks * n, 0, net.classes()).toArray());
      c.run();
      double[] ms = new double[runs];
      for (int i = 0; i < runs; i++) {
        long from = System.nanoTime();
        c.run();
        ms[i] = (System.nanoTime() - from) / 1e6;
      }
      Arrays.sort(ms);
      System.out.printf(
          "%5d  %7.2f  %9.2f  %7.1f %7.1f  %s; loss %.4f%n",
          n, trace, all - trace, ms[runs / 2], ms[0], c.memory(), c.scalar("loss"));
      if (profile) {
        System.out.print(c.profile(1));
      }
    }
  }

  private Tensor loss(MemoryNet net, Params p, Params batch) {
    return mean(Vmap.vmap(t -> net.loss(p, t.get("x"), t.get("y"), every), batch));
  }
}
