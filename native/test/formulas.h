// The scalar functions of loops in double precision: what the kernels of every device are held against.
#pragma once
#include <math.h>
#include <stdint.h>

#include "quickstudy.h"

static inline double apply(int64_t fn, double a, double b, double c) {
  switch (fn) {
    case QS_NEG: return -a;
    case QS_EXP: return exp(a);
    case QS_EXPM1: return expm1(a);
    case QS_LOG: return log(a);
    case QS_LOG1P: return log1p(a);
    case QS_TANH: return tanh(a);
    case QS_SIGMOID: return 1 / (1 + exp(-a));
    case QS_SQRT: return sqrt(a);
    case QS_RSQRT: return 1 / sqrt(a);
    case QS_RECIPROCAL: return 1 / a;
    case QS_SIN: return sin(a);
    case QS_COS: return cos(a);
    case QS_ABS: return fabs(a);
    case QS_SIGN: return a > 0 ? 1 : a < 0 ? -1 : a;
    case QS_FLOOR: return floor(a);
    case QS_ADD: return a + b;
    case QS_SUB: return a - b;
    case QS_MUL: return a * b;
    case QS_DIV: return a / b;
    case QS_MAX: return isnan(a) || isnan(b) ? NAN : fmax(a, b);
    case QS_MIN: return isnan(a) || isnan(b) ? NAN : fmin(a, b);
    case QS_POW: return pow(a, b);
    case QS_LESS: return a < b;
    case QS_LESS_EQUAL: return a <= b;
    case QS_EQUAL: return a == b;
    case QS_SELECT: return a != 0 ? b : c;
    default: return a * b + c;
  }
}
