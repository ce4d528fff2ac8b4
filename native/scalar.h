// The scalar functions of a loop, written as straight-line code without branches so that g++ turns
// each loop over them into vector code; NVRTC compiles the same text. Accurate to about 2e-7 relative
// (sin and cos: absolute), with the usual values at 0, infinities and NaN. Denormals may be flushed.
#pragma once

#if defined(__CUDACC__) || defined(__CUDACC_RTC__)
#define QS_FN static __device__ __forceinline__
#else
#define QS_FN static inline __attribute__((always_inline))
#endif

#if defined(__CUDACC__) || defined(__CUDACC_RTC__)
QS_FN int qs_bits(float x) { return __float_as_int(x); }
QS_FN float qs_from_bits(int x) { return __int_as_float(x); }
QS_FN int qs_low_bits(double x) { return __double2loint(x); }
QS_FN float qs_floor(float x) { return floorf(x); }
QS_FN float qs_sqrt(float x) { return sqrtf(x); }
QS_FN float qs_pow(float x, float y) { return powf(x, y); }
#else
QS_FN int qs_bits(float x) { return __builtin_bit_cast(int, x); }
QS_FN float qs_from_bits(int x) { return __builtin_bit_cast(float, x); }
QS_FN int qs_low_bits(double x) { return (int)__builtin_bit_cast(long long, x); }
QS_FN float qs_floor(float x) { return __builtin_floorf(x); }
QS_FN float qs_sqrt(float x) { return __builtin_sqrtf(x); }
QS_FN float qs_pow(float x, float y) { return __builtin_powf(x, y); }
#endif

QS_FN float qs_inf() { return qs_from_bits(0x7f800000); }
QS_FN float qs_nan() { return qs_from_bits(0x7fc00000); }
QS_FN float qs_abs(float x) { return qs_from_bits(qs_bits(x) & 0x7fffffff); }
QS_FN float qs_copysign(float x, float s) {
  return qs_from_bits((qs_bits(x) & 0x7fffffff) | (qs_bits(s) & (int)0x80000000));
}

// 2^n for -127 <= n <= 128, where the ends give 0 and infinity. Shifts and wrapping sums are unsigned.
QS_FN float qs_power2(int n) { return qs_from_bits((int)(((unsigned)n + 127u) << 23)); }

// Adding 1.5 * 2^23 rounds to the nearest integer and leaves that integer in the low bits.
#define QS_ROUND 12582912.0f
#define QS_ROUND_BITS 0x4b400000u

// exp(r) - 1 for |r| <= ln(2) / 2, with full relative accuracy near 0.
QS_FN float qs_expm1_core(float r) {
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return p * (r * r) + r;
}

// c = n ln(2) + r with |r| <= ln(2) / 2: returns r, and n in the low bits of t.
QS_FN float qs_split(float c, float* t) {
  *t = c * 1.44269504f + QS_ROUND;
  float k = *t - QS_ROUND;
  return (c - k * 0.693359375f) + k * 2.12194440e-4f;
}

// exp(c) for |c| <= 88, where neither the result nor its power of 2 leaves the normal numbers.
QS_FN float qs_exp_normal(float c) {
  float t;
  float r = qs_split(c, &t);
  float p = qs_expm1_core(r) + 1.0f;
  return qs_from_bits((int)((unsigned)qs_bits(p) + ((unsigned)qs_bits(t) << 23)));
}

QS_FN float qs_exp(float x) {
  float c = x > 89.0f ? 89.0f : x;  // a NaN passes both comparisons unchanged
  c = c < -88.0f ? -88.0f : c;
  float t;
  float r = qs_split(c, &t);
  int n = (int)((unsigned)qs_bits(t) - QS_ROUND_BITS);
  float p = qs_expm1_core(r) + 1.0f;
  int half = n >> 1;  // two factors, since 2^128 is not a float
  float y = p * qs_power2(half) * qs_power2((int)((unsigned)n - (unsigned)half));
  return x < -87.33654f ? 0.0f : y;
}

QS_FN float qs_expm1(float x) {
  float c = x > 89.0f ? 89.0f : x;
  c = c < -30.0f ? -30.0f : c;
  float t;
  float r = qs_split(c, &t);
  int n = (int)((unsigned)qs_bits(t) - QS_ROUND_BITS);
  float s = qs_power2(n - 1);
  float y = 2.0f * (s * qs_expm1_core(r) + (s - 0.5f));
  return qs_abs(x) < 1e-7f ? x : y;
}

QS_FN float qs_log(float x) {
  unsigned b = (unsigned)qs_bits(x);
  int e = (int)(b - 0x3f3504f3u) >> 23;  // so that the mantissa lies in [sqrt(1/2), sqrt(2))
  float f = qs_from_bits((int)(b - ((unsigned)e << 23))) - 1.0f;
  float k = (float)e;
  float z = f * f;
  float p = 7.0376836292e-2f;
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  float y = p * (f * z) - k * 2.12194440e-4f;
  y = y - 0.5f * z;
  y = (f + y) + k * 0.693359375f;
  y = x < 1.17549435e-38f ? (x < 0.0f ? qs_nan() : -qs_inf()) : y;
  return x < qs_inf() ? y : x;  // +infinity and NaN are their own logarithms
}

QS_FN float qs_log1p(float x) {
  float u = 1.0f + x;
  float y = qs_log(u);
  float c = (x - (u - 1.0f)) / u;  // what the addition rounded away
  y = (u > 0.0f) & (u < qs_inf()) ? y + c : y;
  return qs_abs(x) < 1e-7f ? x : y;
}

// By e = exp(2 |x|) - 1, which is as accurate near 0 as x is: tanh(|x|) = e / (e + 2).
QS_FN float qs_tanh(float x) {
  float a = qs_abs(x);
  float c = 2.0f * (a > 10.0f ? 10.0f : a);  // a NaN passes
  float t;
  float r = qs_split(c, &t);
  float s = qs_from_bits((int)(((unsigned)qs_bits(t) << 23) + 0x3f800000u));
  float e = s * qs_expm1_core(r) + (s - 1.0f);
  return qs_copysign(e / (e + 2.0f), x);
}

QS_FN float qs_sigmoid(float x) {
  float c = x > 88.0f ? 88.0f : x;
  c = c < -88.0f ? -88.0f : c;
  return 1.0f / (1.0f + qs_exp_normal(-c));
}

// Quarter turns are taken off in double precision: exact enough up to |x| of about 1e8. Beyond, the
// result is some value in [-1, 1].
QS_FN float qs_quarter_turns(float x, int shift) {
  double d = (double)x;
  double t = d * 0.63661977236758134308 + 6755399441055744.0;
  double k = t - 6755399441055744.0;
  unsigned q = (unsigned)qs_low_bits(t) + (unsigned)shift;
  float r = (float)((d - k * 1.57079632679489655800) - k * 6.12323399573676603587e-17);
  r = r > 0.79f ? 0.79f : r;
  r = r < -0.79f ? -0.79f : r;
  float z = r * r;
  float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * r + r;
  float c = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z
      + (1.0f - 0.5f * z);
  float y = (q & 1) ? c : s;
  return qs_from_bits((int)((unsigned)qs_bits(y) ^ ((q & 2u) << 30)));
}
QS_FN float qs_sin(float x) { return qs_quarter_turns(x, 0); }
QS_FN float qs_cos(float x) { return qs_quarter_turns(x, 1); }

QS_FN float qs_neg(float x) { return -x; }
QS_FN float qs_rsqrt(float x) { return 1.0f / qs_sqrt(x); }
QS_FN float qs_reciprocal(float x) { return 1.0f / x; }
QS_FN float qs_sign(float x) { return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : x); }

QS_FN float qs_add(float a, float b) { return a + b; }
QS_FN float qs_sub(float a, float b) { return a - b; }
QS_FN float qs_mul(float a, float b) { return a * b; }
QS_FN float qs_div(float a, float b) { return a / b; }
QS_FN float qs_max(float a, float b) { return (a > b) | (a != a) ? a : b; }  // NaN wins
QS_FN float qs_min(float a, float b) { return (a < b) | (a != a) ? a : b; }  // NaN wins
QS_FN float qs_less(float a, float b) { return a < b ? 1.0f : 0.0f; }
QS_FN float qs_less_equal(float a, float b) { return a <= b ? 1.0f : 0.0f; }
QS_FN float qs_equal(float a, float b) { return a == b ? 1.0f : 0.0f; }

QS_FN float qs_select(float a, float b, float c) { return a != 0.0f ? b : c; }
QS_FN float qs_fma(float a, float b, float c) { return a * b + c; }
