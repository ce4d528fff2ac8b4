package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.VectorSet;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.graph.Tensor;
import io.quickstudy.runtime.Engine;
import io.quickstudy.transform.Params;
import java.util.Map;

/** Examples of classes on the device, of which programs gather their tasks. */
sealed interface Examples permits Images, Vectors, Features {
  /** Uploads the examples alone, once for all their tasks. */
  static Resident upload(Engine engine, ExampleSet set) {
    return switch (set) {
      case ImageSet i -> Images.upload(engine, i);
      case VectorSet v -> Vectors.upload(engine, v);
    };
  }

  /**
   * Examples that were uploaded.
   *
   * @param uploaded what {@link #upload} gave
   * @param moves how images are moved, which is uploaded as well
   */
  static Examples of(Engine engine, ExampleSet set, Resident uploaded, PixelMoves moves) {
    return switch (set) {
      case ImageSet i -> new Images(i, uploaded, Images.upload(engine, moves));
      case VectorSet v -> new Vectors(v, uploaded);
    };
  }

  /** Which examples they are. */
  ExampleSet set();

  /** What lies on the device, by name. */
  Map<String, Resident> residents();

  /**
   * The examples of a task.
   *
   * @param index which examples, I32 [m]
   * @param move rows of the table of moves, I32 [m]; of vectors nothing
   * @return F32 [m, and the shape of an example]
   */
  Tensor gathered(Params residents, Tensor index, Tensor move);
}
