package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.run.RunConfig;
import io.quickstudy.suite.BackendRun;
import io.quickstudy.train.RunFixtures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Uses a GPU in a process of its own, and says how that went. */
final class RealDriverRun {
  private RealDriverRun() {}

  /**
   * Prints what there is to say.
   *
   * @param args nothing to measure convolutions; the number of a GPU that is opened and nothing
   *     else; or a folder for a run and how many of its two steps to do now
   */
  public static void main(String[] args) {
    switch (args.length) {
      case 0 -> measure();
      case 1 -> open(Integer.parseInt(args[0]));
      default -> {
        RunConfig c =
            RunFixtures.glyphs("device", "cuda", "steps", "2", "ways", "2", "filters", "4");
        RunFixtures.train(Path.of(args[0]), c, Integer.parseInt(args[1]));
      }
    }
  }

  /** Compiles and runs a convolution and its two gradients, each with a choice of its own. */
  private static void measure() {
    Window window = Window.square(3, 1, 1);
    Tensor x = Tensor.argument("x", DType.F32, Shape.of(2, 6, 5, 3));
    Tensor w = Tensor.argument("w", DType.F32, Shape.of(3, 3, 3, 4));
    Tensor y = Ops.conv(x, w, window);
    List<Tensor> out =
        List.of(y, Ops.convInputGrad(y, w, window, 6, 5), Ops.convFilterGrad(x, y, window));
    try (CudaBackend cuda = CudaBackend.open(0, Precision.FP32)) {
      BackendRun.of(
          cuda, out, Map.of(x, new double[2 * 6 * 5 * 3], w, new double[3 * 3 * 3 * 4]), 1, 3);
    }
  }

  private static void open(int index) {
    try (CudaBackend cuda = CudaBackend.open(index, Precision.FP32)) {
      System.out.println(cuda.device() + " is open, " + cuda.describe().get("cudnn"));
    } catch (BackendException e) {
      System.out.println(e.getMessage());
    }
  }
}
