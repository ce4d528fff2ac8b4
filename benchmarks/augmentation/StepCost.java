package io.quickstudy.train; // what it compiles is no public part

import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a training step costs with each {@code --augment}: {@code StepCost [KEY VALUE]...}. The
 * programs take turns, and of each the least of 40 steps is told, in time of processors, so that
 * what else a machine does hardly counts. It is said in {@code
 * benchmarks/results/2026-11-28-augmentation.md} how it is run.
 */
public final class StepCost {
  private static final List<String> NAMES = List.of("none", "characters", "photos", "strong");
  private static final int STEPS = 40;

  private StepCost() {}

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  public static void main(String[] args) {
    List<Session> sessions = new ArrayList<>();
    List<TaskSource> sources = new ArrayList<>();
    List<Compiled> steps = new ArrayList<>();
    double[] best = new double[NAMES.size()];
    int tasks = 0;
    for (String name : NAMES) {
      Map<String, String> values = new LinkedHashMap<>();
      for (int i = 0; i + 1 < args.length; i += 2) {
        values.put(args[i], args[i + 1]);
      }
      values.put("augment", name);
      RunConfig c = RunConfig.of(values);
      tasks = c.tasks().metaBatch();
      Session s = Session.open(c, TrainListener.NONE);
      sessions.add(s);
      sources.add(s.training());
      Map<String, Array> state = MetaStep.start(c, s.classes(), s.engine());
      steps.add(
          MetaStep.compile(s, sources.getLast(), Components.trained(c, s.classes()), state));
    }
    java.util.Arrays.fill(best, Double.POSITIVE_INFINITY);
    for (int i = 0; i < STEPS; i++) {
      for (int k = 0; k < best.length; k++) {
        sources.get(k).fill((long) i * tasks, tasks, steps.get(k));
        long start = cpu();
        steps.get(k).run();
        steps.get(k).scalar("loss");
        best[k] = Math.min(best[k], (cpu() - start) / 1e6);
      }
    }
    for (int k = 0; k < best.length; k++) {
      System.out.printf(
          Locale.ROOT,
          "%-10s %7.1f ms, %+5.1f %%%n",
          NAMES.get(k),
          best[k],
          100 * (best[k] / best[0] - 1));
      steps.get(k).close();
      sessions.get(k).close();
    }
  }
}
