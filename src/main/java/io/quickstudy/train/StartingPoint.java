package io.quickstudy.train;

import io.quickstudy.exchange.weights.Weights;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunData;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import io.quickstudy.text.Text;
import java.util.Map;

/** The state that training begins with, or goes on from. */
record StartingPoint(Session session, RunFolder folder, TrainListener listener) {
  /**
   * The newest whole checkpoint, or where the run was never further that before the first step.
   *
   * @throws RunException if the folder's checkpoints do not fit its configuration, or the data is
   *     no longer that with which the run began
   */
  Checkpoint checkpoint() {
    folder.data().ifPresent(this::recognise);
    session.engine().repeat(folder.choices());
    Map<String, Array> first =
        MetaStep.start(session.config(), session.classes(), session.engine());
    Checkpoint from =
        folder.checkpoints().newest(listener::message).orElseGet(() -> beginning(first));
    fits(from.state(), first);
    return from;
  }

  private void recognise(RunData then) {
    session
        .data()
        .filter(now -> !now.sha256().equals(then.sha256()))
        .ifPresent(
            now -> {
              throw new RunException(
                  ("The data of run '%s' changed since it began (%s): expected the same data and"
                          + " split, which a resumed run needs for the same result; put them back,"
                          + " begin a new run in another --out, or delete its data.json to go on"
                          + " with what is there now.")
                      .formatted(folder.path(), then.change(now.data())));
            });
  }

  private Checkpoint beginning(Map<String, Array> first) {
    int reached =
        Math.max(folder.logged(), folder.checkpoints().steps().stream().findFirst().orElse(0));
    if (reached > 0) {
      throw new RunException(
          ("Run '%s' was at step %s and has no whole checkpoint: expected one in its folder "
                  + "checkpoints; put one back, or begin a new run in another --out.")
              .formatted(folder.path(), reached));
    }
    return new Checkpoint(0, 0, Weights.start(session.config(), first, listener::message));
  }

  private void fits(Map<String, Array> found, Map<String, Array> expected) {
    for (String name : expected.keySet()) {
      Array a = found.get(name);
      if (a == null || !a.shape().equals(expected.get(name).shape())) {
        throw new RunException(
            "The checkpoint of '%s' has %s for '%s': expected shape %s; start a new run."
                .formatted(
                    folder.path(),
                    a == null ? "nothing" : "shape " + a.shape(),
                    name,
                    expected.get(name).shape()));
      }
    }
    if (found.size() != expected.size()) {
      throw new RunException(
          "The checkpoint of '%s' has %s: expected %s; start a new run."
              .formatted(folder.path(), Text.count(found.size(), "tensor"), expected.size()));
    }
  }
}
