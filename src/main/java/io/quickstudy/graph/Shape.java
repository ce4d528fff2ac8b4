package io.quickstudy.graph;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/** The extents of a tensor, outermost axis first; row-major. A scalar has rank 0. */
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0]);
  private final int[] dims;

  private Shape(int[] dims) {
    this.dims = dims;
  }

  /**
   * A shape with the given extents.
   *
   * @throws IllegalArgumentException if an extent is below 1 or the number of elements exceeds
   *     2^31-1
   */
  public static Shape of(int... dims) {
    long size = 1;
    for (int d : dims) {
      size *= d;
      if (d < 1 || size > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "shape "
                + Arrays.toString(dims)
                + ": every extent must be at least 1 and the size below 2^31; make the batch"
                + " smaller");
      }
    }
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  static Shape of(List<Integer> dims) {
    return of(dims.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Number of axes. */
  public int rank() {
    return dims.length;
  }

  /** Number of elements. */
  public int size() {
    int n = 1;
    for (int d : dims) {
      n *= d;
    }
    return n;
  }

  /** Extent of one axis; a negative axis counts from the end. */
  public int dim(int axis) {
    return dims[axis(axis)];
  }

  /** The axis as a number from 0, for one that may count from the end. */
  public int axis(int axis) {
    int a = axis < 0 ? dims.length + axis : axis;
    if (a < 0 || a >= dims.length) {
      throw new IllegalArgumentException(
          "axis " + axis + " of shape " + this + ": expected one below rank " + dims.length);
    }
    return a;
  }

  /** The extents, a copy. */
  public int[] dims() {
    return dims.clone();
  }

  /** This shape behind one more leading axis of extent n. */
  public Shape prepend(int n) {
    int[] d = new int[dims.length + 1];
    d[0] = n;
    System.arraycopy(dims, 0, d, 1, dims.length);
    return of(d);
  }

  /** This shape followed by the given axes. */
  public Shape append(int... more) {
    int[] d = Arrays.copyOf(dims, dims.length + more.length);
    System.arraycopy(more, 0, d, dims.length, more.length);
    return of(d);
  }

  /** This shape with one extent replaced; a negative axis counts from the end. */
  public Shape with(int axis, int n) {
    int[] d = dims.clone();
    d[axis(axis)] = n;
    return of(d);
  }

  /** This shape without the given axes (each from 0). */
  public Shape without(Collection<Integer> axes) {
    for (int a : axes) {
      if (a < 0 || a >= dims.length) {
        throw new IllegalArgumentException(
            "axes %s of shape %s: each counts from 0 and must be below its rank"
                .formatted(axes, this));
      }
    }
    return of(
        IntStream.range(0, dims.length).filter(i -> !axes.contains(i)).map(i -> dims[i]).toArray());
  }

  /** Axes from (inclusive) to to (exclusive) as a shape. */
  public Shape sub(int from, int to) {
    if (from < 0 || from > to || to > dims.length) {
      throw new IllegalArgumentException(
          "axes %s to %s of shape %s: expected 0 <= from <= to <= its rank"
              .formatted(from, to, this));
    }
    return of(Arrays.copyOfRange(dims, from, to));
  }

  /** Row-major strides in elements. */
  public int[] strides() {
    int[] s = new int[dims.length];
    int step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      s[i] = step;
      step *= dims[i];
    }
    return s;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape s && Arrays.equals(dims, s.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
