package io.quickstudy.data.source;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.SignalTasks;
import io.quickstudy.graph.Shape;
import java.util.function.LongFunction;

/**
 * Signals that are drawn: a name, a line, and the tasks of a seed.
 *
 * @param name in kebab case
 * @param about what they are, one line
 * @param inputs numbers seen at a step
 * @param outputs bits answered at a step
 * @param tasks those of a seed
 */
record SignalData(
    String name, String about, int inputs, int outputs, LongFunction<SignalTasks> tasks)
    implements DataSource {
  @Override
  public Kind kind() {
    return Kind.SIGNALS;
  }

  @Override
  public Shape example(Request r) {
    return Shape.of(inputs);
  }

  @Override
  public Loaded load(Request r, LoadListener listener) {
    return new Loaded.Signals(tasks.apply(r.seed()));
  }
}
