package io.quickstudy.functions;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;

/** Reductions and running totals beyond sum, mean and max. Axes count from 0, or from the end. */
public final class Reductions {
  private Reductions() {}

  /** Smallest element over axes (from 0, ascending); equal elements share the gradient. */
  public static Tensor min(Tensor x, List<Integer> axes) {
    return neg(max(neg(x), axes));
  }

  /**
   * The product along one axis, which is removed, of elements of any sign: multiplied in pairs, so
   * that its gradient needs no division and is right where elements are 0.
   */
  public static Tensor product(Tensor x, int axis) {
    int k = x.shape().axis(axis);
    Tensor now = x;
    while (now.dim(k) > 1) {
      int n = now.dim(k);
      Tensor pairs = mul(slice(now, k, 0, n / 2), slice(now, k, n / 2, n / 2 * 2));
      now = n % 2 == 0 ? pairs : concatenate(k, pairs, slice(now, k, n - 1, n));
    }
    return reshape(now, x.shape().without(List.of(k)));
  }

  /**
   * The Euclidean norm over axes (from 0, ascending); where it is 0, so is its gradient, to any
   * order.
   */
  public static Tensor norm(Tensor x, List<Integer> axes) {
    Tensor squares = sum(mul(x, x), axes);
    Tensor none = equal(squares, scalar(0));
    // the root of 1 stands in, since the slope of the root at 0 is infinite
    return where(none, scalar(0), sqrt(where(none, scalar(1), squares)));
  }

  /**
   * log of the sum of e^x over axes (from 0, ascending), shifted by the largest element so that
   * nothing overflows. Its gradient is the softmax.
   */
  public static Tensor logSumExp(Tensor x, List<Integer> axes) {
    Tensor top = stop(max(x, axes));
    Tensor shifted = sub(x, broadcast(top, x.shape(), axes));
    return add(log(sum(exp(shifted), axes)), top);
  }

  /**
   * The variance over axes (from 0, ascending), biased: the mean square of what exceeds the mean.
   */
  public static Tensor variance(Tensor x, List<Integer> axes) {
    Tensor excess = sub(x, broadcast(mean(x, axes), x.shape(), axes));
    return mean(mul(excess, excess), axes);
  }

  /** Element i of the result is the sum of elements 0 to i along one axis. */
  public static Tensor cumulativeSum(Tensor x, int axis) {
    return running(x, axis, 0, Ops::add);
  }

  /** Element i of the result is the product of elements 0 to i along one axis, of any sign. */
  public static Tensor cumulativeProduct(Tensor x, int axis) {
    return running(x, axis, 1, Ops::mul);
  }

  /** By doubling (Hillis and Steele 1986): a pass over the axis for each binary digit of it. */
  private static Tensor running(Tensor x, int axis, double neutral, BinaryOperator<Tensor> f) {
    int k = x.shape().axis(axis);
    int n = x.dim(k);
    Tensor now = x;
    for (int by = 1; by < n; by *= 2) {
      Tensor before = fill(neutral, x.shape().with(k, by));
      now = f.apply(now, concatenate(k, before, slice(now, k, 0, n - by)));
    }
    return now;
  }
}
