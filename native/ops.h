// One vectorised loop for each scalar function. n is a multiple of 16, and arrays coincide or are apart.
#pragma once
#include "level.h"
#include "scalar.h"

typedef void (*OpFn)(float* d, const float* a, const float* b, const float* c, int64_t n);

#define QS_LOOP_BODY(EXPR)                                                                  \
  {                                                                                         \
    n &= ~(int64_t)15;                                                                      \
    _Pragma("GCC ivdep") for (int64_t i = 0; i < n; i++) d[i] = EXPR;                       \
  }
#define QS_UNARY(NAME, FN) \
  static void NAME(float* d, const float* a, const float*, const float*, int64_t n) QS_LOOP_BODY(FN(a[i]))
#define QS_BINARY(NAME, FN) \
  static void NAME(float* d, const float* a, const float* b, const float*, int64_t n) QS_LOOP_BODY(FN(a[i], b[i]))
#define QS_TERNARY(NAME, FN) \
  static void NAME(float* d, const float* a, const float* b, const float* c, int64_t n) \
      QS_LOOP_BODY(FN(a[i], b[i], c[i]))

QS_UNARY(opNeg, qs_neg)
QS_UNARY(opExp, qs_exp)
QS_UNARY(opExpm1, qs_expm1)
QS_UNARY(opLog, qs_log)
QS_UNARY(opLog1p, qs_log1p)
QS_UNARY(opTanh, qs_tanh)
QS_UNARY(opSigmoid, qs_sigmoid)
QS_UNARY(opSqrt, qs_sqrt)
QS_UNARY(opRsqrt, qs_rsqrt)
QS_UNARY(opReciprocal, qs_reciprocal)
QS_UNARY(opSin, qs_sin)
QS_UNARY(opCos, qs_cos)
QS_UNARY(opAbs, qs_abs)
QS_UNARY(opSign, qs_sign)
QS_UNARY(opFloor, qs_floor)
QS_BINARY(opAdd, qs_add)
QS_BINARY(opSub, qs_sub)
QS_BINARY(opMul, qs_mul)
QS_BINARY(opDiv, qs_div)
QS_BINARY(opMax, qs_max)
QS_BINARY(opMin, qs_min)
QS_BINARY(opPow, qs_pow)
QS_BINARY(opLess, qs_less)
QS_BINARY(opLessEqual, qs_less_equal)
QS_BINARY(opEqual, qs_equal)
QS_TERNARY(opSelect, qs_select)

// Indexed by qs_fn; chain.cpp has QS_FMA.
static const OpFn unaryOps[] = {opNeg,  opExp,   opExpm1,      opLog, opLog1p, opTanh, opSigmoid, opSqrt,
                                opRsqrt, opReciprocal, opSin, opCos, opAbs, opSign, opFloor};
static const OpFn binaryOps[] = {opAdd, opSub, opMul, opDiv, opMax, opMin, opPow, opLess, opLessEqual, opEqual};

QS_INLINE OpFn opFunction(int fn) {
  return fn == QS_SELECT ? opSelect : fn >= QS_ADD ? binaryOps[fn - QS_ADD] : unaryOps[fn];
}
