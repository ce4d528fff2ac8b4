package io.quickstudy.train;

import static io.quickstudy.graph.Ops.gather;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.VectorSet;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import io.quickstudy.transform.Params;
import java.util.Map;

/**
 * A set of vectors on the device.
 *
 * @param set the vectors
 * @param rows F32 [n, width]
 */
record Vectors(VectorSet set, Resident rows) implements Examples {
  /** The resident of that name is {@link #rows}. */
  static final String ROWS = "vectors";

  /** Uploads a set. */
  static Resident upload(Engine engine, VectorSet set) {
    return engine.upload(new Array(Shape.of(set.examples(), set.width()), set.values()));
  }

  @Override
  public Map<String, Resident> residents() {
    return Map.of(ROWS, rows);
  }

  @Override
  public Tensor gathered(Params residents, Tensor index, Tensor move) {
    return gather(residents.get(ROWS), index, 0);
  }
}
