package io.quickstudy.backend.plan;

import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts a graph into segments along the task axis. What depends on the slices of the task inputs one
 * by one becomes a segment that runs chunk by chunk, a chunk being one task or a few; sums over
 * tasks become a partial sum in each chunk and a sum over the chunks in order. Everything else
 * stays whole.
 */
final class TaskSplit {
  private final int tasks;
  private final int chunks;
  private final Map<Tensor, Buffer> inputs;
  private final TaskLevels levels;
  private final Map<Tensor, Buffer> shared = new LinkedHashMap<>();
  private final Map<Tensor, Buffer> partial = new LinkedHashMap<>();

  /**
   * Prepares a split.
   *
   * @param inputs where the program's arguments lie
   * @param size tasks of a chunk; divides their number
   */
  TaskSplit(TaskLevels levels, Map<Tensor, Buffer> inputs, int size) {
    this.levels = levels;
    this.inputs = inputs;
    this.tasks = levels.tasks();
    this.chunks = tasks / size;
  }

  /** The segments that compute the outputs, in order, and in {@code where} each output's place. */
  List<Segment> segments(List<Tensor> outputs, List<Buffer> where) {
    int top = 0;
    for (Tensor t : outputs) {
      where.add(share(t));
      top = Math.max(top, levels.of(t));
    }
    List<Segment> segments = new ArrayList<>();
    for (int l = top; l >= 0; l--) {
      Segment s = l % 2 == 0 ? whole(l) : chunked(l);
      if (!s.outputs().isEmpty()) {
        segments.add(0, s);
      }
    }
    return segments;
  }

  /** All buffers that outlive a segment. */
  List<Buffer> buffers() {
    List<Buffer> all = new ArrayList<>(shared.values());
    all.addAll(partial.values());
    return all;
  }

  private Buffer share(Tensor t) {
    return shared.computeIfAbsent(
        t, k -> new Buffer("" + t, t.dtype(), t.shape().size(), Buffer.Space.SHARED));
  }

  private boolean isConstant(Tensor t) {
    return t.op() instanceof Leaf && t.inputs().isEmpty() && !(t.op() instanceof Leaf.Argument);
  }

  // ---- whole segments

  private Segment whole(int l) {
    Builder b = new Builder();
    for (Tensor t : List.copyOf(shared.keySet())) {
      if (levels.of(t) == l) {
        b.output(b.whole(t, l), shared.get(t));
      }
    }
    return b.segment(1);
  }

  private Segment chunked(int l) {
    Builder b = new Builder();
    for (Tensor t : List.copyOf(shared.keySet())) {
      if (levels.of(t) == l) {
        b.output(b.chunk(t, l), shared.get(t).sliced(chunks));
      }
    }
    for (Tensor t : List.copyOf(partial.keySet())) {
      if (levels.of(t.input(0)) == l) {
        b.output(Tensor.of(t.op(), b.chunk(t.input(0), l)), partial.get(t).sliced(chunks));
      }
    }
    return b.segment(chunks);
  }

  /** The graph of one segment, over arguments of its own. */
  private final class Builder {
    private final Map<Tensor, Tensor> done = new IdentityHashMap<>();
    private final Map<Tensor, Tensor> slices = new IdentityHashMap<>();
    private final Map<Tensor, Buffer> arguments = new IdentityHashMap<>();
    private final List<Tensor> outputs = new ArrayList<>();
    private final List<Buffer> targets = new ArrayList<>();

    void output(Tensor t, Buffer target) {
      outputs.add(t);
      targets.add(target);
    }

    Segment segment(int times) {
      return new Segment(times, times > 1 ? tasks / times : 0, outputs, targets, arguments);
    }

    /** Builds everything of a level that t needs, without recursion as deep as the graph. */
    private void build(Tensor root, int l, java.util.function.Consumer<Tensor> one) {
      List<Tensor> todo = new ArrayList<>(List.of(root));
      while (!todo.isEmpty()) {
        Tensor t = todo.get(todo.size() - 1);
        List<Tensor> missing =
            done.containsKey(t)
                ? List.of()
                : t.inputs().stream()
                    .filter(i -> levels.of(i) == l && !isLeaf(i) && !done.containsKey(i))
                    .toList();
        if (missing.isEmpty()) {
          if (!done.containsKey(t)) {
            one.accept(t);
          }
          todo.remove(todo.size() - 1);
        } else {
          todo.addAll(missing);
        }
      }
    }

    private boolean isLeaf(Tensor t) {
      return t.op() instanceof Leaf && t.inputs().isEmpty();
    }

    /** A node of a whole segment. */
    Tensor whole(Tensor root, int l) {
      if (isLeaf(root)) {
        return value(root);
      }
      build(root, l, t -> done.put(t, wholeNode(t, l)));
      return done.get(root);
    }

    private Tensor wholeNode(Tensor t, int l) {
      if (t.op() instanceof Reduction r
          && r.axes().get(0) == 0
          && levels.mapped(t.input(0))
          && t.input(0).dim(0) == tasks) {
        return overChunks(t, r);
      }
      List<Tensor> in = new ArrayList<>();
      for (Tensor i : t.inputs()) {
        in.add(done.containsKey(i) && levels.of(i) == l ? done.get(i) : value(i));
      }
      return Tensor.of(t.op(), in);
    }

    /** A reduction over the task axis: of the chunks' results. */
    private Tensor overChunks(Tensor t, Reduction r) {
      Shape s = t.shape().prepend(chunks);
      Buffer b =
          partial.computeIfAbsent(
              t, k -> new Buffer("" + t, t.dtype(), s.size(), Buffer.Space.SHARED));
      Tensor parts = argument(t, s, b);
      return switch (r) {
        case Reduction.Sum sum -> Ops.sum(parts, List.of(0));
        case Reduction.Max max -> Ops.max(parts, List.of(0));
      };
    }

    /** A value from outside the segment, whole. */
    private Tensor value(Tensor t) {
      if (isConstant(t)) {
        return t;
      }
      Tensor known = done.get(t);
      if (known == null) {
        boolean input = t.op() instanceof Leaf.Argument;
        known = argument(t, t.shape(), input ? inputs.get(t) : share(t));
        done.put(t, known);
      }
      return known;
    }

    private Tensor argument(Tensor of, Shape shape, Buffer where) {
      Tensor a = Tensor.argument("of " + of.id(), of.dtype(), shape);
      arguments.put(a, where);
      return a;
    }

    /** A node of a chunked segment. */
    Tensor chunk(Tensor root, int l) {
      if (levels.isTaskInput(root)) {
        return slice(root);
      }
      build(root, l, t -> done.put(t, chunkNode(t, l)));
      return done.get(root);
    }

    private Tensor chunkNode(Tensor t, int l) {
      List<Tensor> in = new ArrayList<>();
      for (int i = 0; i < t.inputs().size(); i++) {
        Tensor x = t.input(i);
        if (levels.mapped(x)) {
          in.add(levels.of(x) == l && !isLeaf(x) ? done.get(x) : slice(x));
        } else {
          in.add(TaskLocal.takesWhole(t, i) ? outside(x) : sliceOfWhole(x));
        }
      }
      return Tensor.of(TaskLocal.withTasks(t, tasks / chunks), in);
    }

    /** A whole value, with the views in front of it made again here. */
    private Tensor outside(Tensor x) {
      if (Fusion.isView(x) && x.inputs().size() == 1 && !levels.mapped(x.input(0))) {
        return Tensor.of(x.op(), outside(x.input(0)));
      }
      return value(x);
    }

    /**
     * The chunk's slice of a value that every task sees in its own slice, though none is its own.
     */
    private Tensor sliceOfWhole(Tensor x) {
      int n = tasks / chunks;
      if (x.op() instanceof Layout.Broadcast b && b.axes().contains(0)) {
        return Ops.broadcast(outside(x.input(0)), x.shape().with(0, n), b.axes());
      }
      if (x.op() instanceof Leaf.Fill || (x.op() instanceof Leaf.Iota i && i.axis() != 0)) {
        Op op = TaskLocal.withTasks(x, n);
        return Tensor.of(op);
      }
      return slice(x);
    }

    private Tensor slice(Tensor x) {
      return slices.computeIfAbsent(
          x,
          k -> {
            Buffer all = x.op() instanceof Leaf.Argument ? inputs.get(x) : share(x);
            return argument(x, x.shape().with(0, tasks / chunks), all.sliced(chunks));
          });
    }
  }
}
