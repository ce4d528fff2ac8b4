package io.quickstudy.train;

/**
 * One signal.
 *
 * @param inputs numbers seen at a step
 * @param outputs bits answered at a step
 * @param x what is seen, row-major [steps, inputs]
 * @param y the bits that are right, [steps, outputs]
 * @param asked 1 where they are asked for, [steps]
 */
public record DrawnSignal(int inputs, int outputs, float[] x, float[] y, float[] asked) {
  /** How many steps. */
  public int steps() {
    return asked.length;
  }
}
