package io.quickstudy.backend.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.quickstudy.backend.BackendException;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.suite.BackendRun;
import io.quickstudy.train.RunConfig;
import io.quickstudy.train.RunFixtures;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs everything that goes through CUDA, in a process of its own. */
final class RealDriverRun {
  private static final List<String> TESTS =
      List.of(
          "io.quickstudy.suite.OpSuiteTest#backendsAgreeWithTheReference()",
          "io.quickstudy.suite.OpSuiteTest#convolutionsByCudnnAgreeWithTheReference()",
          "io.quickstudy.learners.MetaGradientTest#onCudaIsThatOfTheReference()",
          "io.quickstudy.learners.MetaGradientTest#byCudnnIsThatOfTheReference()",
          "io.quickstudy.backend.cuda.CudaSizesTest#areThoseOfTheCpu()");

  private RealDriverRun() {}

  /**
   * Exits with 0 if a GPU was found and all went well on it.
   *
   * @param only the number of a GPU that is opened and nothing else, or a folder for a run and how
   *     many of its two steps to do now
   */
  public static void main(String[] only) {
    if (only.length == 1) {
      open(Integer.parseInt(only[0]));
      return;
    }
    if (only.length == 2) {
      RunConfig c = RunFixtures.glyphs("device", "cuda", "steps", "2", "ways", "2", "filters", "4");
      RunFixtures.train(Path.of(only[0]), c, Integer.parseInt(only[1]));
      return;
    }
    try (CudaBackend cuda = CudaBackend.open(0)) {
      System.out.println(cuda.describe());
      measure(cuda);
    }
    LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
    TESTS.forEach(t -> request.selectors(selectMethod(t)));
    LauncherDiscoveryRequest built = request.build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(built, listener);
    listener.getSummary().printTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    listener
        .getSummary()
        .printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8), 5);
    boolean well =
        CudaCandidate.ALL.size() == 2
            && CudaCandidate.DNN.size() == 2
            && listener.getSummary().getTestsSucceededCount() > 1000
            && listener.getSummary().getTotalFailureCount() == 0;
    System.exit(well ? 0 : 1);
  }

  /** Compiles and runs a convolution and its two gradients, each with a choice of its own. */
  private static void measure(CudaBackend cuda) {
    Window window = Window.square(3, 1, 1);
    Tensor x = Tensor.argument("x", DType.F32, Shape.of(2, 6, 5, 3));
    Tensor w = Tensor.argument("w", DType.F32, Shape.of(3, 3, 3, 4));
    Tensor y = Ops.conv(x, w, window);
    List<Tensor> out =
        List.of(y, Ops.convInputGrad(y, w, window, 6, 5), Ops.convFilterGrad(x, y, window));
    BackendRun.of(
        cuda, out, Map.of(x, new double[2 * 6 * 5 * 3], w, new double[3 * 3 * 3 * 4]), 1, 3);
  }

  private static void open(int index) {
    try (CudaBackend cuda = CudaBackend.open(index)) {
      System.out.println(cuda.device() + " is open, " + cuda.describe().get("cudnn"));
    } catch (BackendException e) {
      System.out.println(e.getMessage());
    }
  }
}
