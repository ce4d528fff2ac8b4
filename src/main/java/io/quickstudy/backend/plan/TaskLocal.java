package io.quickstudy.backend.plan;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.CustomVjp;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Walks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which ops work on every slice of the task axis (axis 0) by itself, and the same ops on fewer
 * tasks.
 */
final class TaskLocal {
  private TaskLocal() {}

  /** Whether slice i of t depends only on slices i of its mapped inputs (and on unmapped ones). */
  static boolean isLocal(Tensor t, int tasks, Predicate<Tensor> mapped) {
    if (t.rank() < 1 || t.dim(0) != tasks) {
      return false;
    }
    for (Tensor i : t.inputs()) {
      if (mapped.test(i) && (i.rank() < 1 || i.dim(0) != tasks)) {
        return false;
      }
    }
    return switch (t.op()) {
      case Elementwise op -> true;
      case Leaf op -> t.inputs().stream().allMatch(key -> key.rank() > 1);
      case Reduction op -> !op.axes().contains(0);
      case Layout.Reshape op -> true;
      case Layout.Transpose op -> op.perm().get(0) == 0;
      case Layout.Broadcast op -> !op.axes().contains(0);
      case Layout.Slice op ->
          op.starts().get(0) == 0 && op.limits().get(0) == tasks && op.steps().get(0) == 1;
      case Layout.Pad op ->
          op.low().get(0) == 0 && op.high().get(0) == 0 && op.interior().get(0) == 0;
      case Layout.Concatenate op -> op.axis() != 0;
      case Product op -> t.rank() > 2;
      case Convolution op -> t.inputs().stream().allMatch(i -> i.rank() == 5 || !mapped.test(i));
      case Pooling op -> t.rank() > 3;
      case Indexing.Gather op -> op.batch() > 0 || !mapped.test(t.input(0));
      case Indexing.ScatterAdd op -> op.batch() > 0;
      case Indexing.TopK op -> t.rank() > 1;
      case CustomVjp op -> false; // the simplifier took it away
      case Recurrence op -> isLocal(op, t, mapped);
    };
  }

  /** Whether a recurrence's outermost task axis is the one, for all that is mapped. */
  private static boolean isLocal(Recurrence op, Tensor t, Predicate<Tensor> mapped) {
    for (int i = 0; i < t.inputs().size(); i++) {
      if (mapped.test(t.input(i)) && (op.extents().isEmpty() || !op.levels(i).contains(0))) {
        return false;
      }
    }
    return true;
  }

  /** Whether a local op takes this unmapped input whole, rather than slice by slice. */
  static boolean takesWhole(Tensor t, int input) {
    return switch (t.op()) {
      case Convolution op -> t.input(input).rank() == 4;
      case Indexing.Gather op -> op.batch() == 0 && input == 0;
      case Recurrence op -> !op.levels(input).contains(0);
      default -> false;
    };
  }

  /** A local op on a leading axis of another extent. */
  static Op withTasks(Tensor t, int n) {
    return switch (t.op()) {
      case Layout.Reshape op -> new Layout.Reshape(op.to().with(0, n));
      case Layout.Broadcast op -> new Layout.Broadcast(op.to().with(0, n), op.axes());
      case Layout.Slice op -> {
        List<Integer> limits = new ArrayList<>(op.limits());
        limits.set(0, n);
        yield new Layout.Slice(op.starts(), List.copyOf(limits), op.steps());
      }
      case Layout op -> op;
      case Leaf.Fill op ->
          new Leaf.Fill(op.value(), new Op.Type(op.type().shape().with(0, n), op.type().dtype()));
      case Leaf.Iota op -> new Leaf.Iota(op.shape().with(0, n), op.axis());
      case Leaf op -> op;
      case Elementwise op -> op;
      case Reduction op -> op;
      case Product op -> op;
      case Convolution op -> op;
      case Pooling op -> op;
      case Indexing op -> op;
      case CustomVjp op -> op;
      case Recurrence op -> op.withTasks(n);
    };
  }

  /** Multiplications and additions of a matrix product or convolution, 0 for others. */
  static double flops(Tensor t) {
    return switch (t.op()) {
      case Product.Dot op -> 2.0 * t.shape().size() * t.input(0).dim(-1);
      case Convolution.Conv op -> conv(t.shape(), t.input(1).shape());
      case Convolution.ConvInputGrad op -> conv(t.input(0).shape(), t.input(1).shape());
      case Convolution.ConvFilterGrad op -> conv(t.input(1).shape(), t.shape());
      case Recurrence op ->
          (double) op.steps()
              * op.tasks()
              * Walks.order(op.body().results()).stream().mapToDouble(TaskLocal::flops).sum();
      default -> 0;
    };
  }

  /**
   * Of the {@link #flops} of a recurrence, those of products of few rows with what all tasks share,
   * and of products that sum over little.
   *
   * @param rows how many are few, and how much is little
   */
  static double thinFlops(Recurrence op, int rows) {
    Set<Integer> shared = new HashSet<>();
    for (int i = 0; i < op.body().slots().size(); i++) {
      if (!op.levels(i).contains(0)) {
        shared.add(i);
      }
    }
    return thinFlops(op, rows, shared) * op.tasks();
  }

  private static double thinFlops(Recurrence op, int rows, Set<Integer> sharedInputs) {
    Set<Tensor> shared = new HashSet<>();
    sharedInputs.forEach(i -> shared.add(op.body().slots().get(i)));
    double thin = 0;
    for (Tensor v : Walks.order(op.body().results())) {
      if (v.op() instanceof Product.Dot) {
        boolean few = v.dim(-2) < rows && shared.contains(source(v.input(1)));
        thin += few || v.input(0).dim(-1) < rows ? flops(v) : 0;
      } else if (v.op() instanceof Recurrence inner) {
        Set<Integer> passed = new HashSet<>();
        for (int i = 0; i < v.inputs().size(); i++) {
          if (shared.contains(source(v.input(i)))) {
            passed.add(i);
          }
        }
        thin += thinFlops(inner, rows, passed) * inner.tasks();
      }
    }
    return thin * op.steps();
  }

  /** What is behind views. */
  private static Tensor source(Tensor t) {
    return Fusion.isView(t) ? source(t.input(0)) : t;
  }

  private static double conv(Shape y, Shape w) {
    return 2.0 * y.size() * w.dim(-4) * w.dim(-3) * w.dim(-2);
  }
}
