package io.quickstudy.suite;

import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.backend.cuda.CudaCandidate;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Simplifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the samples are tried on besides the reference: backends and passes. Add them here. */
final class Suite {
  private Suite() {}

  /** Every backend, or those of the one device that is checked. */
  static List<Candidate> candidates() {
    List<Candidate> all = new ArrayList<>();
    if (!CheckedDevice.given()) {
      all.add(rounded());
    }
    if (!CheckedDevice.isCuda()) {
      all.add(new CpuCandidate(1));
      all.add(new CpuCandidate(2));
    }
    all.addAll(CudaCandidate.FP32);
    return all;
  }

  /** The reference with every result rounded to 32 bits. */
  static Candidate rounded() {
    return new Rounded();
  }

  /** Every pass over graphs. */
  static List<Pass> passes() {
    return List.of(
        new Pass("simplify", Simplifier::simplify), new Pass("merge", Simplifier::merge));
  }

  /** The reference with every result rounded to 32 bits: shows that the tolerance can be met. */
  private static final class Rounded implements Candidate {
    @Override
    public String name() {
      return "rounded reference";
    }

    @Override
    public List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
      Map<Tensor, double[]> y = Reference.eval(outputs, arguments, Reference.Precision.ROUNDED);
      return outputs.stream().map(y::get).toList();
    }
  }
}
