package io.quickstudy.learners.inner;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Sorting;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.task.Batch;
import java.util.List;

/**
 * Mini-batches of a support set: windows that go round its examples again and again. A window has
 * its classes as evenly as can be, whatever the order and the shots of the set, and each example is
 * seen as often as any other. Where papers draw mini-batches at random, these are the same each
 * time.
 *
 * @param set the examples, the first of each class before the second of any
 * @param size of a mini-batch, at most that of the set
 */
public record MiniBatches(Batch set, int size) {
  /**
   * Of a support set.
   *
   * @param size of a mini-batch, 1 or more; where there are fewer examples all of them
   */
  public static MiniBatches of(Batch support, int size) {
    return new MiniBatches(inTurns(support), Math.min(size, support.count()));
  }

  /**
   * The first example of each class, then the second of each, and so on: in order of rank among
   * those of the same class, and of classes where that is equal. Points of a curve stay as they
   * are.
   */
  private static Batch inTurns(Batch set) {
    if (set.y().dtype() != DType.I32) {
      return set;
    }
    int n = set.count();
    Tensor y = convert(set.y(), DType.F32);
    Shape pairs = Shape.of(n, n);
    Tensor same = equal(broadcast(y, pairs, List.of(0)), broadcast(y, pairs, List.of(1)));
    Tensor rank = sum(mul(same, lowerMask(pairs)), List.of(1)); // from 1, with itself
    Tensor order = Sorting.argSort(add(scale(rank, n), y)); // a label is below n
    return new Batch(gather(set.x(), order, 0), gather(set.y(), order, 0));
  }

  /** Mini-batch i, from 0: the examples behind those of the one before it. */
  public Batch get(int i) {
    int from = (int) ((long) i * size % set.count());
    return new Batch(window(set.x(), from), window(set.y(), from));
  }

  private Tensor window(Tensor t, int from) {
    int n = t.dim(0);
    int over = from + size - n;
    return over <= 0
        ? slice(t, 0, from, from + size)
        : concatenate(0, slice(t, 0, from, n), slice(t, 0, 0, over));
  }
}
