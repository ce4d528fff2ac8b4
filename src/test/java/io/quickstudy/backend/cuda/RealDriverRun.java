package io.quickstudy.backend.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.quickstudy.backend.BackendException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs everything that goes through CUDA, in a process of its own. */
final class RealDriverRun {
  private static final List<String> TESTS =
      List.of(
          "io.quickstudy.suite.OpSuiteTest#backendsAgreeWithTheReference()",
          "io.quickstudy.learners.MetaGradientTest#onCudaIsThatOfTheReference()",
          "io.quickstudy.backend.cuda.GeneratedLoopsTest#aMetaGradientGoesThroughKernelsOfItsOwn()",
          "io.quickstudy.backend.cuda.CudaSizesTest#areThoseOfTheCpu()");

  private RealDriverRun() {}

  /**
   * Exits with 0 if a GPU was found and all went well on it.
   *
   * @param index if given, the number of a GPU that is opened and nothing else
   */
  public static void main(String[] index) {
    if (index.length > 0) {
      open(Integer.parseInt(index[0]));
      return;
    }
    System.out.println(new CudaBackend(RealDriver.open(0), CudaBackend.Memory.SHARED).describe());
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
            && listener.getSummary().getTestsSucceededCount() > 1000
            && listener.getSummary().getTotalFailureCount() == 0;
    System.exit(well ? 0 : 1);
  }

  private static void open(int index) {
    try (CudaBackend cuda = CudaBackend.open(index)) {
      System.out.println(cuda.device() + " is open");
    } catch (BackendException e) {
      System.out.println(e.getMessage());
    }
  }
}
