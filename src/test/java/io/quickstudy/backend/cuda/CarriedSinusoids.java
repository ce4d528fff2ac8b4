package io.quickstudy.backend.cuda;

import io.quickstudy.suite.BackendRun;
import io.quickstudy.suite.MetaStepSample;
import java.util.List;

/** The kernel that carries the tasks of maml-sine-5, for compilers. */
public final class CarriedSinusoids {
  private CarriedSinusoids() {}

  /** Its text. */
  public static String source() {
    MetaStepSample m = MetaStepSample.sinusoids(25, 5, 40);
    CudaPlan plan =
        CudaPlan.carried(
                BackendRun.spec(m.outputs(), m.arguments(), m.tasks()), CarriedCandidate.options())
            .orElseThrow();
    List<String> sources = plan.generated.sources();
    return sources.get(0);
  }
}
