package io.quickstudy.graph;

/** The kinds of number a tensor holds. Only {@link #F32} carries gradients. */
public enum DType {
  /**
   * 32-bit floating point; the reference interpreter of the tests computes it in double precision.
   */
  F32(4),
  /** 32-bit signed integers: indices, labels, random keys. */
  I32(4),
  /** Bytes 0 to 255: stored images. */
  U8(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
