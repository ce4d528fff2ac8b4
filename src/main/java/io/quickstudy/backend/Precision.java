package io.quickstudy.backend;

/**
 * How a device takes the operands of convolutions and matrix products. Sums, and everything else,
 * are 32-bit floats either way.
 */
public enum Precision {
  /** As they are: 32-bit floats. */
  FP32,
  /** Rounded to a significand of 11 bits, with which a GPU's tensor cores multiply. */
  TF32
}
