package io.quickstudy.backend.cuda;

import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.CudaDriver.Launch;
import io.quickstudy.backend.cuda.driver.Dnn;
import io.quickstudy.backend.cuda.driver.SharedConvolution;
import io.quickstudy.backend.cuda.kernels.Grid;
import io.quickstudy.backend.plan.LoopEncoder;
import java.util.List;
import java.util.function.Consumer;

/**
 * A convolution as cuDNN computes it, with the filter turned from our layout to cuDNN's or back by
 * a small copy, which lies in the scratch in front of cuDNN's workspace.
 */
record DnnConvolution(Dnn dnn, SharedConvolution convolution, Dnn.Way way) {
  private static final long BOUNDARY = 256;
  private static final int RANK = 2;

  /** Behind the rank, each of the most axes a copy can have. */
  private static final int DIMS = 2;

  private static final int FROM = DIMS + LoopEncoder.MAX_DIMS;
  private static final int TO = FROM + LoopEncoder.MAX_DIMS;

  /** Bytes of scratch that are written to. */
  long scratchBytes() {
    return filterBytes() + way.bytes();
  }

  private long filterBytes() {
    long bytes = (long) Float.BYTES * convolution.taps() * convolution.o();
    return Grid.divide(bytes, BOUNDARY) * BOUNDARY;
  }

  /** What is started, in order, with operands at these addresses. */
  List<Consumer<CudaDriver>> at(long x, long w, long y, long scratch) {
    Dnn.Operands all = new Dnn.Operands(x, scratch, y, scratch + filterBytes());
    Consumer<CudaDriver> work = d -> dnn.start(convolution, way, all);
    int taps = convolution.taps();
    int o = convolution.o();
    return switch (convolution.result()) {
      case Y, X -> List.of(transpose(w, scratch, taps, o), work);
      case W -> List.of(work, transpose(scratch, w, o, taps));
    };
  }

  /** Of a matrix that is stored by rows. */
  private static Consumer<CudaDriver> transpose(long from, long to, int rows, int columns) {
    long[] args = new long[Launch.WORDS];
    args[0] = Float.BYTES;
    args[1] = RANK;
    args[DIMS] = columns;
    args[DIMS + 1] = rows;
    args[FROM] = 1;
    args[FROM + 1] = columns;
    args[TO] = rows;
    args[TO + 1] = 1;
    args[Launch.NUMBERS] = from;
    args[Launch.NUMBERS + 1] = to;
    Launch l = new Launch("qs_copy", Grid.elements((long) rows * columns), Grid.BLOCK, 0, args);
    return d -> d.launch(l);
  }
}
