package io.quickstudy.data;

import java.util.function.DoubleUnaryOperator;

/** One function to regress. */
public interface Curve {
  /**
   * Its value at a point.
   *
   * @param x holds the point, [inputs] numbers from {@code xAt} on
   * @param y takes the value, [outputs] numbers from {@code yAt} on
   */
  void value(float[] x, int xAt, float[] y, int yAt);

  /** A sentence about it for reports, such as "Amplitude 2.10, phase 0.35."; may be empty. */
  default String about() {
    return "";
  }

  /** A function of one number. */
  static Curve of(String about, DoubleUnaryOperator f) {
    return new Curve() {
      @Override
      public void value(float[] x, int xAt, float[] y, int yAt) {
        y[yAt] = (float) f.applyAsDouble(x[xAt]);
      }

      @Override
      public String about() {
        return about;
      }
    };
  }
}
