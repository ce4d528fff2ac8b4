package io.quickstudy.train;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Function;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The mean over tasks of something that is computed of each, of parameters and one number. Compiled
 * once, used for many numbers. The tasks are those of an {@link EvalSpec}, always the same.
 */
public final class TaskMeans implements AutoCloseable {
  /** Most tasks computed at once; the same on every machine. */
  private static final int CHUNK = 16;

  private static final String NUMBER = "number";

  private final EvalSpec spec;
  private final TaskSource source;
  private final int chunk;
  private final Compiled compiled;
  private final Map<String, Array> state;

  /** What is computed of one task. */
  public interface Each {
    /**
     * The same names and shapes for every task.
     *
     * @param theta the parameters and buffers
     * @param number a scalar
     */
    Params of(Params theta, Tensor number, Task task);
  }

  /**
   * Compiles it.
   *
   * @param session the data and the device
   * @param spec which tasks; of support and query sets
   * @param theta parameters and buffers
   * @throws ConfigException if the data does not have such tasks
   */
  public TaskMeans(Session session, EvalSpec spec, Map<String, Array> theta, Each each) {
    this.spec = spec;
    this.source = session.tasks().measured(spec);
    this.chunk = divisor(spec.episodes());
    this.state = new LinkedHashMap<>(MetaStep.state(theta));
    state.put(NUMBER, number(0));
    Function f =
        (s, inputs, residents) -> {
          Params p = s.sub("theta");
          Params values =
              Vmap.vmapAll(
                  slice -> each.of(p, s.get(NUMBER), (Task) source.build(slice, residents)),
                  inputs);
          return new Function.Result(s, values.map(v -> Ops.mean(v, List.of(0))));
        };
    this.compiled = MetaStep.compile(session, "means", source, state, chunk, f);
  }

  private static Array number(double v) {
    Tensor scalar = Ops.scalar(0);
    return new Array(scalar.shape(), new float[] {(float) v});
  }

  /** The largest number of tasks at once that leaves none over. */
  private static int divisor(int tasks) {
    int d = Math.min(CHUNK, tasks);
    while (tasks % d != 0) {
      d--;
    }
    return d;
  }

  /** The means with a number, which is rounded to 32 bits; by name, row-major. */
  public Map<String, double[]> at(double number) {
    state.put(NUMBER, number(number));
    compiled.setState(state);
    Map<String, double[]> sum = new LinkedHashMap<>();
    for (int done = 0; done < spec.episodes(); done += chunk) {
      source.fill(spec.first() + done, chunk, compiled);
      compiled.run();
      for (String name : compiled.outputs()) {
        float[] v = compiled.output(name).data();
        double[] s = sum.computeIfAbsent(name, n -> new double[v.length]);
        for (int i = 0; i < v.length; i++) {
          s[i] += v[i] * (double) chunk / spec.episodes();
        }
      }
    }
    return sum;
  }

  @Override
  public void close() {
    compiled.close();
  }
}
