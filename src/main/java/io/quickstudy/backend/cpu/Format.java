package io.quickstudy.backend.cpu;

/**
 * The numbers of the native program format, as in {@code native/quickstudy.h}; a test holds them
 * against that file.
 */
final class Format {
  static final int MAGIC = 0x5153;
  static final int VERSION = 1;

  static final int LOOP = 1;
  static final int GEMM = 2;
  static final int CONV = 3;
  static final int CONV_DX = 4;
  static final int CONV_DW = 5;
  static final int POOL_ARGMAX = 6;
  static final int POOL_TAKE = 7;
  static final int POOL_PUT = 8;
  static final int POOL_SUM = 9;
  static final int POOL_SPREAD = 10;
  static final int GATHER = 11;
  static final int SCATTER_ADD = 12;
  static final int TOPK = 13;
  static final int CHOLESKY = 14;
  static final int TRISOLVE = 15;
  static final int RANDOM = 16;
  static final int COPY = 18;
  static final int POOL_MAX = 19;
  static final int REPEAT = 20;

  private Format() {}
}
