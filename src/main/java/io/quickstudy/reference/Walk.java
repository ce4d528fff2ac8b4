package io.quickstudy.reference;

/** A nested loop over any number of axes that follows two row-major arrays by their strides. */
final class Walk {
  private Walk() {}

  /** What to do at each step, given the two positions. */
  interface Visitor {
    void at(int a, int b);
  }

  /** Visits every index of dims; position a starts at a0 and moves by strides a, b likewise. */
  static void over(int[] dims, int a0, int[] a, int b0, int[] b, Visitor visitor) {
    axis(dims, 0, a0, a, b0, b, visitor);
  }

  private static void axis(int[] dims, int k, int pa, int[] a, int pb, int[] b, Visitor visitor) {
    if (k == dims.length) {
      visitor.at(pa, pb);
      return;
    }
    for (int i = 0; i < dims[k]; i++) {
      axis(dims, k + 1, pa + i * a[k], a, pb + i * b[k], b, visitor);
    }
  }

  /** Strides of a shape whose axes in {@code missing} do not exist in the array: 0 there. */
  static int[] strides(int[] dims, java.util.List<Integer> missing) {
    int[] s = new int[dims.length];
    int step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      if (!missing.contains(i)) {
        s[i] = step;
        step *= dims[i];
      }
    }
    return s;
  }
}
