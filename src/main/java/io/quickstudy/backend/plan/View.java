package io.quickstudy.backend.plan;

import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Shape;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A strided look at a buffer: how a tensor that only moves numbers is read without moving them.
 *
 * @param start the first element
 * @param strides elements from one index to the next along every axis; 0 repeats
 */
public record View(Buffer buffer, long start, Shape shape, int[] strides) {

  /** All of a buffer, row-major. */
  public static View of(Buffer buffer, Shape shape) {
    return new View(buffer, 0, shape, shape.strides());
  }

  /** Its first element. */
  public Step.Place place() {
    return new Step.Place(buffer, start);
  }

  /** The same look at another buffer. */
  View with(UnaryOperator<Buffer> to) {
    return new View(to.apply(buffer), start, shape, strides);
  }

  /** Whether the elements lie one behind the other in row-major order. */
  public boolean contiguous() {
    int expected = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      if (shape.dim(i) != 1) {
        if (strides[i] != expected) {
          return false;
        }
        expected *= shape.dim(i);
      }
    }
    return true;
  }

  /** This look through one more op, or null where only a copy can give it. */
  View through(Layout op, Shape to) {
    return switch (op) {
      case Layout.Reshape r -> reshape(to);
      case Layout.Transpose t -> {
        int[] s = new int[strides.length];
        for (int i = 0; i < s.length; i++) {
          s[i] = strides[t.perm().get(i)];
        }
        yield new View(buffer, start, to, s);
      }
      case Layout.Broadcast b -> broadcast(to, b.axes());
      case Layout.Slice c -> {
        long from = start;
        int[] s = new int[strides.length];
        for (int i = 0; i < s.length; i++) {
          from += (long) c.starts().get(i) * strides[i];
          s[i] = strides[i] * c.steps().get(i);
        }
        yield new View(buffer, from, to, s);
      }
      case Layout.Pad p -> null;
      case Layout.Concatenate c -> null;
    };
  }

  private View broadcast(Shape to, List<Integer> axes) {
    int[] s = new int[to.rank()];
    int from = 0;
    for (int i = 0; i < s.length; i++) {
      s[i] = axes.contains(i) ? 0 : strides[from++];
    }
    return new View(buffer, start, to, s);
  }

  /**
   * The same elements under another shape, where strides can express it: groups of axes of equal
   * size on both sides must each lie evenly in memory.
   */
  private View reshape(Shape to) {
    int[] s = new int[to.rank()];
    int i = 0;
    int j = 0;
    int rank = shape.rank();
    while (i < rank || j < s.length) {
      int i0 = i;
      int j0 = j;
      long a = i < rank ? shape.dim(i++) : 1;
      long b = j < s.length ? to.dim(j++) : 1;
      while (a != b) {
        if (a < b) {
          a *= shape.dim(i++);
        } else {
          b *= to.dim(j++);
        }
      }
      Integer inner = evenly(i0, i);
      if (inner == null) {
        return null;
      }
      int stride = inner;
      for (int k = j - 1; k >= j0; k--) {
        s[k] = stride;
        stride *= to.dim(k);
      }
    }
    return new View(buffer, start, to, s);
  }

  /**
   * The innermost stride of axes from (inclusive) to to (exclusive) if they can be seen as one,
   * else null.
   */
  Integer evenly(int from, int to) {
    Integer inner = null;
    long next = 0;
    for (int k = to - 1; k >= from; k--) {
      if (shape.dim(k) == 1) {
        continue;
      }
      if (inner == null) {
        inner = strides[k];
      } else if (strides[k] != next) {
        return null;
      }
      next = (long) strides[k] * shape.dim(k);
    }
    return inner == null ? 1 : inner;
  }
}
