package io.quickstudy.backend.cuda.driver;

import io.quickstudy.backend.plan.Step;
import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Window;
import java.util.Optional;

/**
 * A convolution that has one filter for all of its images, or one of its gradients, as cuDNN has
 * it: the images of all tasks are one batch [tasks * n, h, w, c], the same zero rows are thought
 * above and below it and the same zero columns on both sides, and the filter is [o, kh, kw, c].
 * Ours is [kh, kw, c, o]; as matrices the two are each other's transpose.
 *
 * @param result which of the three is written
 */
public record SharedConvolution(
    Result result,
    int tasks,
    int n,
    int h,
    int w,
    int c,
    int kh,
    int kw,
    int o,
    int oh,
    int ow,
    int strideH,
    int strideW,
    int padH,
    int padW) {
  /** cuDNN's fast kernels load so many bytes at once. */
  private static final long BOUNDARY = 16;

  /** What is written. */
  public enum Result {
    /** The results y: forward. */
    Y,
    /** The gradient of the images x. */
    X,
    /** The gradient of the filter w. */
    W
  }

  /**
   * A step as cuDNN has it, or nothing: where tasks have filters of their own, where an odd padding
   * has its larger half below or right, and where operands begin between two boundaries.
   */
  public static Optional<SharedConvolution> of(Step.Conv s) {
    Window win = s.op().window();
    Shape x = s.x().shape();
    Shape y = s.y().shape();
    boolean one = s.tasks() == 1 || (s.w().perTask() == 0 && inRow(s.x()) && inRow(s.y()));
    boolean symmetric =
        extent(x.dim(1), win.top(), win.height(), win.strideH()) == y.dim(1)
            && extent(x.dim(2), win.left(), win.width(), win.strideW()) == y.dim(2);
    boolean small = s.tasks() * Math.max(x.size(), y.size()) <= Integer.MAX_VALUE;
    if (!one || !symmetric || !small || !aligned(s.x()) || !aligned(s.y())) {
      return Optional.empty();
    }
    Result result =
        switch (s.op()) {
          case Convolution.Conv c -> Result.Y;
          case Convolution.ConvInputGrad c -> Result.X;
          case Convolution.ConvFilterGrad c -> Result.W;
        };
    return Optional.of(
        new SharedConvolution(
            result,
            Math.toIntExact(s.tasks()),
            x.dim(0),
            x.dim(1),
            x.dim(2),
            x.dim(3),
            win.height(),
            win.width(),
            y.dim(3),
            y.dim(1),
            y.dim(2),
            win.strideH(),
            win.strideW(),
            win.top(),
            win.left()));
  }

  /** Whether the tasks' parts lie one behind the other. */
  private static boolean inRow(Step.Conv.Operand x) {
    return x.perTask() == x.shape().size();
  }

  private static boolean aligned(Step.Conv.Operand x) {
    return x.place().buffer().isAligned(BOUNDARY)
        && x.place().start() * Float.BYTES % BOUNDARY == 0
        && x.place().buffer().chunkBytes() % BOUNDARY == 0;
  }

  /**
   * How many positions a window has that is padded alike on both sides; 0 where it fits nowhere.
   */
  private static int extent(int of, int pad, int window, int stride) {
    int free = of + 2 * pad - window;
    return free < 0 ? 0 : free / stride + 1;
  }

  /** Rows of our filter seen as a matrix [kh * kw * c, o]. */
  public int taps() {
    return kh * kw * c;
  }

  /** Extents of x in the order n c h w, then the elements from one to the next of each. */
  public int[] describeX() {
    return images(h, w, c);
  }

  /** Of y, as {@link #describeX}. */
  public int[] describeY() {
    return images(oh, ow, o);
  }

  private int[] images(int height, int width, int channels) {
    int row = width * channels;
    return new int[] {tasks * n, channels, height, width, height * row, 1, row, channels};
  }

  @Override
  public String toString() {
    return "%s %s x [%s, %s, %s, %s] * [%s, %s, %s, %s] = [%s, %s, %s], strides %s, %s, padding %s, %s"
        .formatted(
            result, tasks, n, h, w, c, kh, kw, c, o, oh, ow, o, strideH, strideW, padH, padW);
  }
}
