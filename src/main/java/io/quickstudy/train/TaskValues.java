package io.quickstudy.train;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tasks themselves, as numbers, for what is computed elsewhere than on a device.
 *
 * @param types of the tensors of one task, by the names of {@link Task#pack}
 * @param tasks the values of each task by the same names, row-major
 */
public record TaskValues(Map<String, Op.Type> types, List<Map<String, double[]>> tasks) {

  /**
   * The tasks of a spec, those that a {@link TaskMeans} of it is over.
   *
   * @param spec which tasks; of support and query sets
   * @throws io.quickstudy.settings.ConfigException if the data does not have such tasks
   */
  public static TaskValues of(Session session, EvalSpec spec) {
    TaskSource source = session.tasks().measured(spec);
    Map<String, Op.Type> types = new LinkedHashMap<>(); // as the trace finds them
    Function f =
        (state, inputs, residents) ->
            new Function.Result(
                state,
                Vmap.vmapAll(slice -> packed(source.build(slice, residents), types), inputs));
    List<Map<String, double[]>> tasks = new ArrayList<>();
    try (Compiled compiled = MetaStep.compile(session, "tasks", source, Map.of(), 1, f)) {
      for (int task = 0; task < spec.episodes(); task++) {
        source.fill(spec.first() + task, 1, compiled);
        compiled.run();
        Map<String, double[]> values = new LinkedHashMap<>();
        compiled.outputs().forEach(n -> values.put(n, doubles(compiled.output(n).data())));
        tasks.add(values);
      }
    }
    return new TaskValues(types, tasks);
  }

  /** The task's tensors; labels as numbers, which 32 bits hold exactly. */
  private static Params packed(Drawn drawn, Map<String, Op.Type> types) {
    Params p = ((Task) drawn).pack();
    types.putAll(Signature.types(p));
    return p.map(v -> Ops.convert(v, DType.F32));
  }

  private static double[] doubles(float[] x) {
    double[] y = new double[x.length];
    Arrays.setAll(y, i -> x[i]);
    return y;
  }
}
