package io.quickstudy.train;

import static io.quickstudy.graph.Ops.gather;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.VectorSet;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.runtime.Engine;
import io.quickstudy.transform.Params;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.multiplyExact(Float.BYTES, set.values().length))
            .order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(set.values());
    return engine.upload(DType.F32, Shape.of(set.examples(), set.width()), bytes);
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
