package io.quickstudy.task;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/**
 * One few-shot task: a support set to learn from and a query set to be measured on.
 *
 * @param support what the learner adapts to
 * @param query what its prediction is scored on
 * @param key of the random numbers that a learner draws for it, I32 [2]: another one for each task
 *     of a training, the same for the same task whatever computes it; see {@link
 *     io.quickstudy.functions.Sampling}
 */
public record Task(Batch support, Batch query, Tensor key) implements Drawn {
  private static final Tensor FIXED = Ops.literal(DType.I32, Shape.of(2), 0, 0);
  private static final String KEY = "key";

  /** Checks the key. */
  public Task {
    if (key.dtype() != DType.I32 || !key.shape().equals(Shape.of(2))) {
      throw new IllegalArgumentException(
          "task: the key is %s%s; expected I32[2]".formatted(key.dtype(), key.shape()));
    }
  }

  /** With the key that all tasks have for which none is drawn. */
  public Task(Batch support, Batch query) {
    this(support, query, FIXED);
  }

  @Override
  public Tensor targets() {
    return query.y();
  }

  /** The same with a key. */
  public Task with(Tensor drawn) {
    return new Task(support, query, drawn);
  }

  /**
   * The tensors by name: "support.x", "support.y", "query.x", "query.y", and "key" if one is drawn.
   */
  public Params pack() {
    Params p =
        Params.of("support.x", support.x(), "support.y", support.y())
            .with(Params.of("query.x", query.x(), "query.y", query.y()));
    return key.equals(FIXED) ? p : p.with(KEY, key);
  }

  /** The inverse of {@link #pack}. */
  public static Task unpack(Params p) {
    Task t =
        new Task(
            new Batch(p.get("support.x"), p.get("support.y")),
            new Batch(p.get("query.x"), p.get("query.y")));
    return p.names().contains(KEY) ? t.with(p.get(KEY)) : t;
  }
}
