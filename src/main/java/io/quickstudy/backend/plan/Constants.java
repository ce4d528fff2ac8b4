package io.quickstudy.backend.plan;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tables of numbers that a program holds from the start: literals and positions. */
public final class Constants {
  private final Map<Tensor, Buffer> buffers = new LinkedHashMap<>();

  Buffer of(Tensor t) {
    return buffers.computeIfAbsent(
        t, k -> new Buffer("" + t, t.dtype(), t.shape().size(), Buffer.Space.SHARED));
  }

  /** Every table and its buffer. */
  public Map<Tensor, Buffer> all() {
    return buffers;
  }

  /** The numbers of a table, row-major. */
  static double[] numbers(Tensor t) {
    return switch (t.op()) {
      case Leaf.Literal l -> l.values().numbers();
      case Leaf.Iota i -> {
        double[] x = new double[t.shape().size()];
        int stride = t.shape().strides()[i.axis()];
        for (int k = 0; k < x.length; k++) {
          x[k] = k / stride % t.dim(i.axis());
        }
        yield x;
      }
      default -> throw new IllegalStateException(t + " is not a table");
    };
  }

  /** Writes a table where it lies. */
  public static void write(Tensor t, java.nio.ByteBuffer into) {
    double[] x = numbers(t);
    for (int i = 0; i < x.length; i++) {
      if (t.dtype() == DType.F32) {
        into.putFloat(4 * i, (float) x[i]);
      } else if (t.dtype() == DType.I32) {
        into.putInt(4 * i, (int) (long) x[i]);
      } else {
        into.put(i, (byte) (int) x[i]);
      }
    }
  }
}
