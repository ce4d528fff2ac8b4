package io.quickstudy.benchmarks;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.CudaCost;

/**
 * How long a GPU takes at least, from what a program asks of it: its launches, and the longer of
 * moving the bytes and doing the operations. Caches are left out, which make small operands
 * cheaper, and so is what a kernel makes of it, for want of blocks above all.
 *
 * @param bytes a second, read and written
 * @param flops a second
 * @param launch seconds from one kernel of a CUDA graph to the next
 */
record GpuModel(double bytes, double flops, double launch) {
  /** Measured on an H200: results/2026-11-27-h200.md. */
  private static final double COPY = 4.24e12;

  private static final double FP32 = 50.7e12;
  private static final double TF32 = 404e12;

  /** Between the 1.5 and 2.5 microseconds that its profiles show. */
  private static final double LAUNCH = 2e-6;

  /** Of an H200. */
  static GpuModel h200(Precision precision) {
    return new GpuModel(
        COPY,
        switch (precision) {
          case FP32 -> FP32;
          case TF32 -> TF32;
        },
        LAUNCH);
  }

  /** Microseconds of a step. */
  double micros(CudaCost c) {
    return 1e6 * (c.launches() * launch + Math.max(c.bytes() / bytes, c.flops() / flops));
  }

  /** What decides how long a step takes. */
  String bound(CudaCost c) {
    double moving = c.bytes() / bytes;
    double computing = c.flops() / flops;
    double longer = Math.max(moving, computing);
    return c.launches() * launch > longer ? "launch" : moving > computing ? "bytes" : "flops";
  }
}
