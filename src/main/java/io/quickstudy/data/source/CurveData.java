package io.quickstudy.data.source;

import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.LoadListener;
import java.util.function.LongFunction;

/**
 * Curves of a formula, of one input and one value: a name, a line, and the curves of a seed.
 *
 * @param name in kebab case
 * @param about what they are, one line
 * @param tasks those of a seed
 */
record CurveData(String name, String about, LongFunction<CurveTasks> tasks) implements DataSource {
  @Override
  public Kind kind() {
    return Kind.CURVES;
  }

  @Override
  public Loaded load(Request r, LoadListener listener) {
    return new Loaded.Curves(tasks.apply(r.seed()));
  }
}
