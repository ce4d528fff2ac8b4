package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.cuda.loops.LoopSchedule;
import io.quickstudy.backend.plan.Accesses;
import io.quickstudy.backend.plan.Loop;
import io.quickstudy.backend.plan.Repeated;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.View;
import io.quickstudy.backend.plan.Words;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What a step of a program asks of a GPU, counted on its plan: no GPU is needed for that, and
 * nothing is said of how well a kernel does it.
 *
 * @param kind what it is
 * @param what it does, as a profile names it
 * @param launches that it takes; 0 where another step's launch does it as well
 * @param bytes that it reads and writes, each element of an operand once
 * @param flops multiplications and additions of products and convolutions
 */
public record CudaCost(Kind kind, String what, int launches, double bytes, double flops) {
  /** Kinds of steps. */
  public enum Kind {
    /** A convolution or one of its gradients. */
    CONVOLUTION,
    /** Elementwise chains and reductions. */
    LOOP,
    /** A matrix product. */
    PRODUCT,
    /** Pooling and its gradients. */
    POOLING,
    /** Elements moved. */
    COPY,
    /** All else: rows by number, factors and solves, random numbers, recurrences. */
    OTHER
  }

  /**
   * Of each step of a program, in order, with all tasks at once, generated loops and our own
   * convolutions and, where they may be ours, products.
   */
  public static List<CudaCost> of(ProgramSpec spec, Precision precision) {
    CudaOptions options =
        new CudaOptions(c -> Optional.empty(), precision, CudaBackend.Loops.GENERATED)
            .with(LoopSchedule.Products.ALL, CudaBackend.Loops.GENERATED);
    CudaPlan plan = new CudaPlan.Search(spec, options).wide((kernels, sources) -> {});
    List<Integer> launches = new ArrayList<>();
    plan.calls(
        (place, chunk) -> 0,
        new Words(),
        new LaunchBuilder.Fixed(0, 0, 0, 0),
        (what, part, calls) -> launches.add(calls.size()));
    List<Step> steps =
        plan.program.segments().stream()
            .flatMap(s -> java.util.Collections.nCopies(s.chunks(), s.steps()).stream())
            .flatMap(Collection::stream)
            .toList();
    List<CudaCost> out = new ArrayList<>();
    for (int i = 0; i < launches.size(); i++) {
      Step s = steps.get(i);
      out.add(new CudaCost(kind(s), s.what(), launches.get(i), bytes(s), flops(s)));
    }
    return out;
  }

  private static Kind kind(Step s) {
    return switch (s) {
      case Step.Conv c -> Kind.CONVOLUTION;
      case Loop l -> Kind.LOOP;
      case Step.Gemm g -> Kind.PRODUCT;
      case Step.Pool p -> Kind.POOLING;
      case Step.PoolMax p -> Kind.POOLING;
      case Step.Copy c -> Kind.COPY;
      default -> Kind.OTHER;
    };
  }

  private static double flops(Step s) {
    return s instanceof Repeated r
        ? r.times() * r.body().steps().stream().mapToDouble(CudaCost::flops).sum()
        : s.flops();
  }

  private static double bytes(Step s) {
    if (s instanceof Repeated r) {
      return r.times() * r.body().steps().stream().mapToDouble(CudaCost::bytes).sum();
    }
    Accesses a = s.accesses();
    return sum(a.reads()) + sum(a.writes());
  }

  private static double sum(List<Accesses.Access> some) {
    return some.stream().mapToDouble(CudaCost::bytes).sum();
  }

  /** Through a view, an axis that repeats counts once. */
  private static double bytes(Accesses.Access a) {
    double elements = a.view().map(CudaCost::elements).orElse((double) a.buffer().elements());
    return elements * a.buffer().dtype().bytes();
  }

  private static double elements(View v) {
    double n = 1;
    for (int i = 0; i < v.strides().length; i++) {
      n *= v.strides()[i] == 0 ? 1 : v.shape().dim(i);
    }
    return n;
  }
}
