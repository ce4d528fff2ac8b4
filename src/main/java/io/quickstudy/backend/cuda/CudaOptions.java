package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.kernels.SmallProduct;
import io.quickstudy.backend.cuda.kernels.Tiling;
import io.quickstudy.backend.cuda.loops.LoopSchedule;
import io.quickstudy.backend.plan.Step;
import java.util.List;
import java.util.Optional;

/**
 * How programs are computed.
 *
 * @param choice of the convolutions that cuDNN computes
 * @param panels how factors and triangular systems are cut
 * @param products which of them are ours; where loops are interpreted, {@link
 *     LoopSchedule.Products#SMALL} are
 * @param precision of products and convolutions
 * @param loops who does loops
 * @param blockBytes of memory that a block of threads can have for a task that it carries; 0 where
 *     none does
 * @param ways how our kernels of convolutions may multiply
 */
record CudaOptions(
    CudaPlan.Choice choice,
    Factors.Panels panels,
    LoopSchedule.Products products,
    Precision precision,
    CudaBackend.Loops loops,
    int blockBytes,
    List<Tiling.Way> ways) {

  /** On a device whose tensor cores know TF32. */
  CudaOptions(
      CudaPlan.Choice choice, Precision precision, CudaBackend.Loops loops, int blockBytes) {
    this(
        choice,
        Factors.USUAL,
        LoopSchedule.Products.SMALL,
        precision,
        loops,
        blockBytes,
        Tiling.Way.of(precision, Tiling.TF32_CAPABILITY));
  }

  /** The same without blocks that carry tasks. */
  CudaOptions(CudaPlan.Choice choice, Precision precision, CudaBackend.Loops loops) {
    this(choice, precision, loops, 0);
  }

  /** What of some steps is started together, where loops are generated. */
  LoopSchedule schedule(List<Step> steps) {
    return new LoopSchedule(steps, products, precision == Precision.TF32);
  }

  /** Whether a product is computed by a kernel of ours. */
  boolean isOwn(Step.Gemm s) {
    return switch (loops) {
      case INTERPRETED -> SmallProduct.of(s.batch(), s.m(), s.n(), s.k()).isPresent();
      case GENERATED -> products.of(s).isPresent();
    };
  }

  /** The same with our own kernels for all convolutions. */
  CudaOptions own() {
    return new CudaOptions(
        c -> Optional.empty(), panels, products, precision, loops, blockBytes, ways);
  }

  /** The same with other products and loops. */
  CudaOptions with(LoopSchedule.Products others, CudaBackend.Loops done) {
    return new CudaOptions(choice, panels, others, precision, done, blockBytes, ways);
  }

  /** The same with factors cut in another way. */
  CudaOptions with(Factors.Panels others) {
    return new CudaOptions(choice, others, products, precision, loops, blockBytes, ways);
  }
}
