package io.quickstudy.run;

import io.quickstudy.graph.Shape;
import io.quickstudy.runtime.Array;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The state of a run between two steps. Since episodes are counted, this is all there is.
 *
 * @param step how many steps are done
 * @param seconds how long they took, in all sessions together
 * @param state everything that the compiled step carries, by name
 * @param unlogged the steps since the last line of metrics
 */
public record Checkpoint(int step, double seconds, Map<String, Array> state, Window unlogged) {
  /** How names of parameters and buffers of the model begin in the state. */
  public static final String THETA = "theta.";

  /** How names of the optimiser's numbers begin in the state. */
  public static final String SLOTS = "slots.";

  /** The name of the counter of steps in the state. */
  public static final String STEP = "step";

  /** How names of the moving average of parameters and buffers begin in the state. */
  public static final String AVERAGE = "average.";

  private static final String OPTIMISER = "optimiser.";

  /**
   * Steps of which a line of metrics will give the means.
   *
   * @param steps how many
   * @param loss the sum of their losses
   * @param accuracy the sum of their accuracies; 0 where there are none
   */
  public record Window(int steps, double loss, double accuracy) {
    /** No steps. */
    public static final Window NONE = new Window(0, 0, 0);

    /** This and one more step. */
    public Window and(double itsLoss, double itsAccuracy) {
      return new Window(steps + 1, loss + itsLoss, accuracy + itsAccuracy);
    }
  }

  /** Where the last line of metrics is of this very step. */
  public Checkpoint(int step, double seconds, Map<String, Array> state) {
    this(step, seconds, state, Window.NONE);
  }

  /**
   * The parameters and buffers of the model that are measured and put to work, by name: the moving
   * average where the run has one.
   */
  public Map<String, Array> theta() {
    Map<String, Array> average = under(AVERAGE);
    return average.isEmpty() ? under(THETA) : average;
  }

  private Map<String, Array> under(String prefix) {
    Map<String, Array> m = new LinkedHashMap<>();
    state.forEach(
        (n, a) -> {
          if (n.startsWith(prefix)) {
            m.put(n.substring(prefix.length()), a);
          }
        });
    return m;
  }

  /** Whether every number is finite. */
  public boolean finite() {
    for (Array a : state.values()) {
      for (float f : a.data()) {
        if (!Float.isFinite(f)) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * The state as it is stored: the model's names as they are, the optimiser's and those of the
   * moving average behind a prefix.
   */
  Map<String, Array> tensors() {
    Map<String, Array> m = new LinkedHashMap<>(under(THETA));
    state.forEach(
        (n, a) -> {
          if (n.startsWith(SLOTS)) {
            m.put(OPTIMISER + n.substring(SLOTS.length()), a);
          } else if (n.startsWith(AVERAGE)) {
            m.put(n, a);
          }
        });
    return m;
  }

  /** Whether a stored tensor is the model's, or its moving average, by its name in the file. */
  static boolean isModels(String stored) {
    return !stored.startsWith(OPTIMISER);
  }

  /** The inverse of {@link #tensors}. */
  static Checkpoint of(int step, double seconds, Map<String, Array> tensors, Window unlogged) {
    Map<String, Array> state = new LinkedHashMap<>();
    tensors.forEach(
        (n, a) -> {
          boolean slot = !isModels(n);
          String model = n.startsWith(AVERAGE) ? n : THETA + n;
          state.put(slot ? SLOTS + n.substring(OPTIMISER.length()) : model, a);
        });
    state.put(STEP, new Array(Shape.of(), new float[] {step}));
    return new Checkpoint(step, seconds, state, unlogged);
  }
}
