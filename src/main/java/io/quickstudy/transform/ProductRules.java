package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static io.quickstudy.transform.Simplifier.*;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import java.util.List;
import java.util.stream.IntStream;

/** Algebra of matrix products and convolutions. */
final class ProductRules {
  private ProductRules() {}

  static Tensor ofDot(Tensor t) {
    return isFill(t.input(0), 0) || isFill(t.input(1), 0) ? fillLike(t, 0) : t;
  }

  /** A zero operand gives zero; an operand repeated along the task axis is shared instead. */
  static Tensor convolution(Convolution op, Tensor t) {
    Tensor a = t.input(0);
    Tensor b = t.input(1);
    if (isFill(a, 0) || isFill(b, 0)) {
      return fillLike(t, 0);
    }
    if (repeated(a) && b.rank() == 5) {
      return Tensor.of(op, a.input(0), b);
    }
    if (repeated(b) && a.rank() == 5) {
      return Tensor.of(op, a, b.input(0));
    }
    return isPointwise(op.window()) ? pointwise(op, t) : t;
  }

  /** Whether a window sees one pixel at a time, and all of them. */
  private static boolean isPointwise(Window w) {
    return w.height() * w.width() * w.strideH() * w.strideW() == 1
        && w.top() + w.bottom() + w.left() + w.right() == 0;
  }

  /** A convolution by such a window: a matrix product over channels, or over pixels. */
  private static Tensor pointwise(Convolution op, Tensor t) {
    Tensor a = rows(t.input(0));
    Tensor b = rows(t.input(1));
    int tasks = t.rank() == 5 ? t.dim(0) : 0;
    Tensor product =
        switch (op) {
          case Convolution.Conv c -> dot(perTask(a, tasks), perTask(b, tasks));
          case Convolution.ConvInputGrad c -> dot(perTask(a, tasks), t(perTask(b, tasks)));
          case Convolution.ConvFilterGrad c -> dot(t(perTask(a, tasks)), perTask(b, tasks));
        };
    return reshape(product, t.shape());
  }

  /** All axes between that of tasks, if there is one, and the last as one: [T, rows, last]. */
  private static Tensor rows(Tensor v) {
    int count = v.dim(-4) * v.dim(-3) * v.dim(-2);
    Shape s = Shape.of(count, v.dim(-1));
    return reshape(v, v.rank() == 5 ? s.prepend(v.dim(0)) : s);
  }

  private static Tensor perTask(Tensor v, int tasks) {
    return tasks > 0 && v.rank() == 2 ? broadcast(v, v.shape().prepend(tasks), List.of(0)) : v;
  }

  private static boolean repeated(Tensor t) {
    return t.rank() == 5 && t.op() instanceof Layout.Broadcast b && b.axes().equals(List.of(0));
  }

  /** Products over a batch that share an operand, or whose results are summed, as one product. */
  static Tensor merge(Tensor t) {
    if (t.op() instanceof Product.Dot && t.rank() > 2) {
      return sharedRight(t);
    }
    if (t.op() instanceof Reduction.Sum s
        && t.input(0).rank() > 2
        && s.axes().equals(leading(t.input(0)))
        && sumsProducts(t.input(0))) {
      return overBatch(t.input(0), s.axes());
    }
    return t.op() == Binary.ADD ? together(t, t.input(0), t.input(1)) : t;
  }

  /** The sum over the batch of a sum of products, each product's part on its own. */
  private static Tensor overBatch(Tensor t, List<Integer> batch) {
    if (t.op() instanceof Product.Dot) {
      return summed(sum(t, batch), t);
    }
    Tensor a = overBatch(t.input(0), batch);
    Tensor b = overBatch(t.input(1), batch);
    return together(add(a, b), a, b);
  }

  /** The sum a + b as one product where that pays, else t. */
  private static Tensor together(Tensor t, Tensor a, Tensor b) {
    return isThin(a, b) ? stacked(a, b) : t;
  }

  /** Whether a tensor is a product or adds products up. */
  private static boolean sumsProducts(Tensor t) {
    return t.op() instanceof Product.Dot
        || (t.op() == Binary.ADD && sumsProducts(t.input(0)) && sumsProducts(t.input(1)));
  }

  /** Whether both are products x' y of matrices, and one sums over much less than its own size. */
  private static boolean isThin(Tensor a, Tensor b) {
    return isOuter(a)
        && isOuter(b)
        && Math.min(depth(a), depth(b)) * 4 <= Math.min(a.dim(0), a.dim(1));
  }

  private static boolean isOuter(Tensor t) {
    return t.rank() == 2
        && t.op() instanceof Product.Dot
        && t.input(0).op() instanceof Layout.Transpose;
  }

  private static int depth(Tensor product) {
    return product.input(0).dim(1);
  }

  /** x' y + u' v = [x; u]' [y; v]: what a weight's gradient over many time steps comes to. */
  private static Tensor stacked(Tensor a, Tensor b) {
    Tensor left = concatenate(0, a.input(0).input(0), b.input(0).input(0));
    return dot(t(left), concatenate(0, a.input(1), b.input(1)));
  }

  /** [B..., m, k] times one [k, n] for all: rows of the batch are rows of one product. */
  private static Tensor sharedRight(Tensor t) {
    Tensor a = t.input(0);
    Tensor b = t.input(1);
    if (!(b.op() instanceof Layout.Broadcast w) || !w.axes().equals(leading(t))) {
      return t;
    }
    int rows = a.shape().size() / a.dim(-1);
    return reshape(dot(reshape(a, Shape.of(rows, a.dim(-1))), b.input(0)), t.shape());
  }

  /** The sum over a batch of a' b: the batch is part of what the product sums over. */
  private static Tensor summed(Tensor t, Tensor product) {
    Tensor a = product.input(0);
    Tensor b = product.input(1);
    int m = a.dim(-2);
    int k = a.dim(-1);
    int depth = b.shape().size() / b.dim(-1);
    Tensor rows = null; // [depth, m]
    if (k == 1) {
      rows = reshape(a, Shape.of(depth, m));
    } else if (a.op() instanceof Layout.Transpose p && swapsLastTwo(p)) {
      rows = reshape(a.input(0), Shape.of(depth, m));
    }
    return rows == null ? t : dot(t(rows), reshape(b, Shape.of(depth, b.dim(-1))));
  }

  private static boolean swapsLastTwo(Layout.Transpose p) {
    int r = p.perm().size();
    for (int i = 0; i < r - 2; i++) {
      if (p.perm().get(i) != i) {
        return false;
      }
    }
    return p.perm().get(r - 1) == r - 2;
  }

  private static List<Integer> leading(Tensor product) {
    return IntStream.range(0, product.rank() - 2).boxed().toList();
  }
}
