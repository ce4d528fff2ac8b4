package io.quickstudy.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Graphs;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * A backend on the same graph made node by node in other orders, as another process may make it:
 * the bits have to be the same, whole and cut along the tasks.
 */
record NumberedOtherwise(String device, Backend backend) implements Candidate {
  private static final int TIMES = 2;

  @Override
  public String name() {
    return device + ", nodes made in another order";
  }

  @Override
  public List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    List<double[]> whole = null; // of one task, with which it begins
    for (int tasks : new TreeSet<>(List.of(1, CpuCandidate.commonAxis(arguments)))) {
      List<double[]> expected = BackendRun.of(backend, outputs, arguments, tasks, 1);
      whole = whole == null ? expected : whole;
      for (int seed = 0; seed < TIMES; seed++) {
        Map<Tensor, double[]> again = new LinkedHashMap<>();
        List<Tensor> made = made(outputs, arguments, new SplittableRandom(seed), again);
        List<double[]> actual = BackendRun.of(backend, made, again, tasks, 1);
        for (int i = 0; i < actual.size(); i++) {
          assertArrayEquals(expected.get(i), actual.get(i), "output " + i + ", tasks " + tasks);
        }
      }
    }
    return whole;
  }

  /** Makes a graph once more, any node whose inputs are there next. */
  private static List<Tensor> made(
      List<Tensor> outputs,
      Map<Tensor, double[]> arguments,
      SplittableRandom random,
      Map<Tensor, double[]> again) {
    Map<Tensor, Tensor> done = new IdentityHashMap<>();
    arguments.forEach(
        (t, numbers) -> {
          Tensor fresh = Tensor.argument("a", t.dtype(), t.shape());
          done.put(t, fresh);
          again.put(fresh, numbers);
        });
    List<Tensor> left = new ArrayList<>(Graphs.order(outputs));
    left.removeIf(done::containsKey);
    while (!left.isEmpty()) {
      List<Tensor> next =
          left.stream().filter(t -> t.inputs().stream().allMatch(done::containsKey)).toList();
      Tensor t = next.get(random.nextInt(next.size()));
      done.put(t, Tensor.of(t.op(), t.inputs().stream().map(done::get).toList()));
      left.remove(t);
    }
    return outputs.stream().map(done::get).toList();
  }
}
