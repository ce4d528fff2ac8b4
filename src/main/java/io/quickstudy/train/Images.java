package io.quickstudy.train;

import static io.quickstudy.graph.Ops.convert;
import static io.quickstudy.graph.Ops.gather;
import static io.quickstudy.graph.Ops.pad;
import static io.quickstudy.graph.Ops.reshape;
import static io.quickstudy.graph.Ops.scale;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.runtime.Engine;
import io.quickstudy.transform.Params;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/**
 * An image set and its table of moves on the device.
 *
 * @param set the images
 * @param pixels U8 [n, height * width * channels]
 * @param moves I32 [rows, height * width]
 */
record Images(ImageSet set, Resident pixels, Resident moves) implements Examples {
  /** The resident of that name is {@link #pixels}. */
  static final String PIXELS = "images";

  /** The resident of that name is {@link #moves}. */
  static final String MOVES = "moves";

  private static final double WHITE = 255;

  /** Uploads a set. */
  static Resident upload(Engine engine, ImageSet set) {
    Shape s = Shape.of(set.examples(), set.imageBytes());
    return engine.upload(DType.U8, s, set.pixels());
  }

  /** Uploads a table of moves. */
  static Resident upload(Engine engine, PixelMoves moves) {
    int[] table = moves.table();
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Integer.BYTES * table.length).order(ByteOrder.nativeOrder());
    bytes.asIntBuffer().put(table);
    return engine.upload(DType.I32, Shape.of(moves.rows(), moves.height() * moves.width()), bytes);
  }

  /** Images as they are, for an index I32 [m]: F32 [m, height * width * channels] from 0 to 1. */
  static Tensor unmoved(Params residents, Tensor index) {
    return scale(convert(gather(residents.get(PIXELS), index, 0), DType.F32), 1 / WHITE);
  }

  @Override
  public Map<String, Resident> residents() {
    return Map.of(PIXELS, pixels, MOVES, moves);
  }

  /**
   * Gathers and moves images; bytes 0 to 255 become 0 to 1 in every channel: for characters, 1 for
   * ink and 0 for background.
   *
   * @param index which images, I32 [m]
   * @param move rows of the table of moves, I32 [m]
   * @return F32 [m, height, width, channels]
   */
  @Override
  public Tensor gathered(Params residents, Tensor index, Tensor move) {
    int m = index.dim(0);
    int c = set.channels();
    int size = set.height() * set.width();
    Tensor x = reshape(unmoved(residents, index), Shape.of(m, size, c));
    if (moves.shape().dim(0) > 1) {
      // one blank pixel at the end, which the table points at where a move uncovers background
      Tensor padded = pad(x, List.of(0, 0, 0), List.of(0, 1, 0));
      x = gather(padded, gather(residents.get(MOVES), move, 0), 1);
    }
    return reshape(x, Shape.of(m, set.height(), set.width(), c));
  }
}
