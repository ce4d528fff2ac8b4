package io.quickstudy.backend.cpu;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;

/** The numbers of the native program format, as in quickstudy.h. */
final class Format {
  static final int MAGIC = 0x5153;
  static final int VERSION = 1;
  static final int MAX_DIMS = 8;

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

  static final int STORE = 0;
  static final int REDUCE_SUM = 1;
  static final int REDUCE_MAX = 2;

  static final int SELECT = 64;

  private Format() {}

  static int dtype(DType t) {
    return switch (t) {
      case F32 -> 0;
      case I32 -> 1;
      case U8 -> 2;
    };
  }

  static int function(Unary u) {
    return switch (u) {
      case NEG -> 0;
      case EXP -> 1;
      case EXPM1 -> 2;
      case LOG -> 3;
      case LOG1P -> 4;
      case TANH -> 5;
      case SIGMOID -> 6;
      case SQRT -> 7;
      case RSQRT -> 8;
      case RECIPROCAL -> 9;
      case SIN -> 10;
      case COS -> 11;
      case ABS -> 12;
      case SIGN -> 13;
      case FLOOR -> 14;
    };
  }

  static int function(Binary b) {
    return switch (b) {
      case ADD -> 32;
      case SUB -> 33;
      case MUL -> 34;
      case DIV -> 35;
      case MAX -> 36;
      case MIN -> 37;
      case POW -> 38;
      case LESS -> 39;
      case LESS_EQUAL -> 40;
      case EQUAL -> 41;
    };
  }
}
