package io.quickstudy.backend.cpu;

import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Fusion;
import io.quickstudy.backend.plan.Segment;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Cuts a graph into segments along the task axis. What depends on the slices of the task inputs one
 * by one becomes a segment that runs chunk by chunk, a chunk being one task, or a few where tasks
 * are small and share their weights; sums over tasks become a partial sum in each chunk and a sum
 * over the chunks in order. Everything else stays whole.
 *
 * <p>Levels tell which segment a node belongs to: even ones are whole, odd ones run in chunks.
 */
final class TaskSplit {
  private final int tasks;
  private final int chunks;
  private final List<Tensor> order;
  private final Map<Tensor, Buffer> inputs;
  private final Set<Tensor> taskInputs;
  private final Map<Tensor, Integer> level = new IdentityHashMap<>();
  private final Map<Tensor, Buffer> shared = new LinkedHashMap<>();
  private final Map<Tensor, Buffer> partial = new LinkedHashMap<>();

  /**
   * Prepares a split.
   *
   * @param inputs where the program's arguments lie
   * @param taskInputs those with a task axis
   */
  TaskSplit(List<Tensor> order, Map<Tensor, Buffer> inputs, Set<Tensor> taskInputs, int tasks) {
    this.order = order;
    this.inputs = inputs;
    this.taskInputs = taskInputs;
    this.tasks = tasks;
    for (Tensor t : order) {
      level.put(t, level(t));
    }
    this.chunks = tasks / chunkSize();
  }

  /** The segments that compute the outputs, in order, and in {@code where} each output's place. */
  List<Segment> segments(List<Tensor> outputs, List<Buffer> where) {
    int top = 0;
    for (Tensor t : outputs) {
      where.add(share(t));
      top = Math.max(top, level.get(t));
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

  private int level(Tensor t) {
    if (taskInputs.contains(t)) {
      return 1;
    }
    int whole = 0;
    int mapped = 0;
    for (Tensor i : t.inputs()) {
      int l = level.get(i);
      if (l % 2 == 0) {
        whole = Math.max(whole, l);
      } else {
        mapped = Math.max(mapped, l);
      }
    }
    if (mapped > 0 && TaskLocal.isLocal(t, tasks, i -> level.get(i) % 2 == 1)) {
      return Math.max(mapped, whole + 1);
    }
    return Math.max(whole, mapped > 0 ? mapped + 1 : 0);
  }

  private boolean mapped(Tensor t) {
    return level.get(t) % 2 == 1;
  }

  /**
   * One task at a time, or several where thin products with weights that all tasks share matter.
   */
  private int chunkSize() {
    double all = 0;
    double thin = 0;
    for (Tensor t : order) {
      double f = mapped(t) ? TaskLocal.flops(t) : 0;
      all += f;
      if (t.op() instanceof Product.Dot && sharesWeights(t)) {
        thin += f;
      }
    }
    if (thin <= all / 10) {
      return 1;
    }
    int size = Math.min(8, tasks);
    while (tasks % size != 0) {
      size--;
    }
    return size;
  }

  private boolean sharesWeights(Tensor dot) {
    boolean sharedRight = !mapped(dot.input(1)) && dot.dim(-2) < 32;
    return sharedRight || dot.input(0).dim(-1) < 32;
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
      if (level.get(t) == l) {
        b.output(b.whole(t, l), shared.get(t));
      }
    }
    return b.segment(1);
  }

  private Segment chunked(int l) {
    Builder b = new Builder();
    for (Tensor t : List.copyOf(shared.keySet())) {
      if (level.get(t) == l) {
        b.output(b.chunk(t, l), shared.get(t).sliced(chunks));
      }
    }
    for (Tensor t : List.copyOf(partial.keySet())) {
      if (level.get(t.input(0)) == l) {
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
      return new Segment(times, outputs, targets, arguments);
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
                    .filter(i -> level.get(i) == l && !isLeaf(i) && !done.containsKey(i))
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
          && mapped(t.input(0))
          && t.input(0).dim(0) == tasks) {
        return overChunks(t, r);
      }
      List<Tensor> in = new ArrayList<>();
      for (Tensor i : t.inputs()) {
        in.add(done.containsKey(i) && level.get(i) == l ? done.get(i) : value(i));
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
      if (taskInputs.contains(root)) {
        return slice(root);
      }
      build(root, l, t -> done.put(t, chunkNode(t, l)));
      return done.get(root);
    }

    private Tensor chunkNode(Tensor t, int l) {
      List<Tensor> in = new ArrayList<>();
      for (int i = 0; i < t.inputs().size(); i++) {
        Tensor x = t.input(i);
        if (mapped(x)) {
          in.add(level.get(x) == l && !isLeaf(x) ? done.get(x) : slice(x));
        } else {
          in.add(TaskLocal.takesWhole(t, i) ? outside(x) : sliceOfWhole(x));
        }
      }
      return Tensor.of(TaskLocal.withTasks(t, tasks / chunks), in);
    }

    /** A whole value, with the views in front of it made again here. */
    private Tensor outside(Tensor x) {
      if (Fusion.isView(x) && x.inputs().size() == 1 && !mapped(x.input(0))) {
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
