package io.quickstudy.train;

import io.quickstudy.exchange.weights.Weights;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunConfig;
import io.quickstudy.runtime.Array;
import java.util.Map;

/** The state of a run before its first step. */
public final class Beginning {
  private Beginning() {}

  /**
   * Parameters and buffers as training begins with them: drawn from the seed, or taken from the
   * weights that the configuration names.
   *
   * @param listener told which weights were taken
   * @throws io.quickstudy.settings.ConfigException if weights do not fit
   */
  public static Map<String, Array> theta(Session session, TrainListener listener) {
    RunConfig c = session.config();
    Map<String, Array> first = MetaStep.start(c, session.classes(), session.engine());
    return new Checkpoint(0, 0, Weights.start(c, first, listener::message)).theta();
  }
}
