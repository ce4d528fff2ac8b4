package io.quickstudy.task;

import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/**
 * One few-shot task: a support set to learn from and a query set to be measured on.
 *
 * @param support what the learner adapts to
 * @param query what its prediction is scored on
 */
public record Task(Batch support, Batch query) implements Drawn {
  @Override
  public Tensor targets() {
    return query.y();
  }

  /** The four tensors by name: "support.x", "support.y", "query.x", "query.y". */
  public Params pack() {
    return Params.of("support.x", support.x(), "support.y", support.y())
        .with(Params.of("query.x", query.x(), "query.y", query.y()));
  }

  /** The inverse of {@link #pack}. */
  public static Task unpack(Params p) {
    return new Task(
        new Batch(p.get("support.x"), p.get("support.y")),
        new Batch(p.get("query.x"), p.get("query.y")));
  }
}
