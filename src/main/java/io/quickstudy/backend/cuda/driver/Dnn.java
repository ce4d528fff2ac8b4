package io.quickstudy.backend.cuda.driver;

import io.quickstudy.backend.BackendException;
import java.util.List;

/**
 * What cuDNN does for the backend: convolutions with one filter for all images, of 32-bit floats.
 *
 * <p>Every method throws {@link BackendException} with one sentence where cuDNN fails.
 */
public interface Dnn {
  /** Its version and arithmetic, such as "9.19.0, FP32": all of it that a choice depends on. */
  String version();

  /**
   * The algorithms that give bitwise the same again, by cuDNN's own estimate of their speed; none
   * where it cannot do this at all.
   *
   * @param most bytes of workspace that an algorithm may need
   */
  List<Way> ways(SharedConvolution c, long most);

  /** Starts it, in its turn among all that was started. */
  void start(SharedConvolution c, Way way, Operands at);

  /**
   * An algorithm.
   *
   * @param algorithm cuDNN's number of it, of its own for each kind of result
   * @param bytes of workspace that it needs
   */
  record Way(int algorithm, long bytes) {}

  /**
   * Addresses, each a multiple of 16.
   *
   * @param x [tasks * n, h, w, c]
   * @param w [o, kh, kw, c]
   * @param y [tasks * n, oh, ow, o]
   * @param workspace of as many bytes as the algorithm needs
   */
  record Operands(long x, long w, long y, long workspace) {}
}
