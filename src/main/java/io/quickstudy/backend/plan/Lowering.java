package io.quickstudy.backend.plan;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Graphs;
import io.quickstudy.transform.Simplifier;
import io.quickstudy.transform.Verifier;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Turns one segment into steps on buffers. */
final class Lowering {
  private final Constants constants;
  private final Scarce scarce;
  private final int chunks;
  private final int tasks;
  private final Buffer.Space space;
  private final List<Step> steps = new ArrayList<>();
  private final List<Buffer> temporaries = new ArrayList<>();
  private final Map<Tensor, View> views = new IdentityHashMap<>();
  private final Map<Tensor, View> dense = new IdentityHashMap<>();
  private final Map<Tensor, Buffer> direct = new IdentityHashMap<>();
  private final Map<Tensor, View> placed;

  /** From positions of maxima to what takes the elements there. */
  private final Map<Tensor, Tensor> takes = new IdentityHashMap<>();

  /** Lowers a segment; the tables it reads are added to the constants. */
  Lowering(Segment segment, Constants constants, Scarce scarce) {
    this(segment, constants, scarce, Map.of());
  }

  /** As a segment of its own that reads some of its arguments through views. */
  Lowering(Segment segment, Constants constants, Scarce scarce, Map<Tensor, View> through) {
    this.constants = constants;
    this.scarce = scarce;
    this.space = segment.chunks() > 1 ? Buffer.Space.LOCAL : Buffer.Space.SHARED;
    this.chunks = segment.chunks();
    this.tasks = segment.tasks();
    views.putAll(through);
    List<Tensor> roots = Simplifier.merge(segment.outputs());
    Verifier.verify("merging products", roots);
    List<Tensor> order = Graphs.order(roots);
    segment.arguments().forEach((t, b) -> views.put(t, View.of(b, t.shape())));
    boolean[] copied = new boolean[roots.size()];
    for (int i = 0; i < copied.length; i++) {
      Tensor r = computed(roots.get(i));
      copied[i] =
          Fusion.isView(r)
              || (r.op() instanceof Leaf && r.inputs().isEmpty())
              || direct.putIfAbsent(r, segment.targets().get(i)) != null;
    }
    placed = new Placement(order, views.keySet(), direct.keySet()).places(this::result);
    for (Tensor t : order) {
      if (t.op() instanceof Pooling.PoolTake take && isTakenWhereFound(t, take)) {
        takes.put(t.input(1), t);
      }
    }
    Fusion fusion = new Fusion(order, roots, scarce);
    KernelLowering kernels = new KernelLowering(this, order);
    for (Fusion.Unit u : fusion.units()) {
      if (u.kernel != null) {
        kernels.emit(u.kernel);
      } else {
        loop(u, fusion);
      }
    }
    for (int i = 0; i < copied.length; i++) {
      if (copied[i]) {
        copy(roots.get(i), View.of(segment.targets().get(i), roots.get(i).shape()));
      }
    }
  }

  /** What is behind reshapes, which move nothing. */
  static Tensor computed(Tensor t) {
    return t.op() instanceof Layout.Reshape ? computed(t.input(0)) : t;
  }

  private static boolean isTakenWhereFound(Tensor t, Pooling.PoolTake take) {
    Tensor index = t.input(1);
    return index.op() instanceof Pooling.PoolArgMax found
        && index.inputs().size() > 1
        && index.input(0) == t.input(0)
        && found.window().equals(take.window());
  }

  /** What to run, in order. */
  List<Step> steps() {
    return steps;
  }

  /** The buffers that only this segment uses. */
  List<Buffer> temporaries() {
    return temporaries;
  }

  /** A step at the end. */
  void add(Step step) {
    steps.add(step);
  }

  /** The buffer that a node's value goes to: an output's own, or a new one. */
  Buffer result(Tensor t) {
    Buffer b = direct.get(t);
    if (b == null) {
      b = temporary(t);
    }
    views.put(t, View.of(b, t.shape()));
    return b;
  }

  /** Where a node's value goes: its part of what it is joined to, or a buffer of its own. */
  View target(Tensor t) {
    View known = views.get(t); // where a part was computed before the whole
    if (known == null) {
      known = placed.get(t);
      views.put(t, known == null ? View.of(result(t), t.shape()) : known);
    }
    return views.get(t);
  }

  /** Whether a node's value was computed at its place already. */
  boolean isAt(Tensor t, View place) {
    View v = placed.get(computed(t));
    return v != null && v.buffer() == place.buffer() && v.start() == place.start();
  }

  /** Whether a node's value is there already. */
  boolean isComputed(Tensor t) {
    return views.containsKey(t);
  }

  /** Where the elements at the positions of maxima go: to what takes them, if something does. */
  Buffer resultOfTake(Tensor argMax) {
    Tensor take = takes.get(argMax);
    return take == null ? temporary("maxima", DType.F32, argMax.shape()) : result(take);
  }

  private Buffer temporary(Tensor t) {
    return temporary("" + t, t.dtype(), t.shape());
  }

  /** A lowering of what is repeated inside this one. */
  Lowering inside(List<Tensor> results, List<Buffer> targets, Map<Tensor, View> slots) {
    Segment s = new Segment(chunks, tasks, results, targets, Map.of());
    return new Lowering(s, constants, scarce, slots);
  }

  /** How many matrices [B..., n, m] each task has in a value; 0 where they are no task's own. */
  long perTask(Tensor t) {
    boolean own = tasks > 0 && t.rank() > 2 && t.dim(0) == tasks;
    return own ? (long) t.shape().size() / ((long) tasks * t.dim(-1) * t.dim(-2)) : 0;
  }

  /** How often it runs, each time on its own slice of the task axis. */
  int chunks() {
    return chunks;
  }

  /** A new buffer. */
  Buffer temporary(String name, DType dtype, Shape shape) {
    Buffer b = new Buffer(name, dtype, shape.size(), space);
    temporaries.add(b);
    return b;
  }

  /** Where a value that is computed already can be read. */
  View view(Tensor t) {
    View known = views.get(t);
    if (known != null) {
      return known;
    }
    View v;
    if (Fusion.isView(t)) {
      Layout op = (Layout) t.op();
      v = view(t.input(0)).through(op, t.shape());
      if (v == null) {
        v = dense(t.input(0)).through(op, t.shape());
      }
    } else if (t.op() instanceof Leaf.Fill f) {
      Buffer b = temporary(t);
      v = View.of(b, t.shape());
      fill(t.shape(), f.value(), v);
    } else if (t.op() instanceof Leaf.Literal || t.op() instanceof Leaf.Iota) {
      v = View.of(constants.of(t), t.shape());
    } else {
      throw new IllegalStateException(t + " is read before it is computed");
    }
    views.put(t, v);
    return v;
  }

  /** As {@link #view}, with the elements one behind the other; copied if they are not. */
  View dense(Tensor t) {
    View v = view(t);
    if (v.contiguous()) {
      return v;
    }
    return dense.computeIfAbsent(
        t,
        k -> {
          View to = View.of(temporary(t), t.shape());
          copy(t, to);
          return to;
        });
  }

  /** Copies a value. */
  void copy(Tensor t, View into) {
    if (t.op() instanceof Leaf.Fill f) {
      fill(t.shape(), f.value(), into);
    } else {
      move(view(t), into);
    }
  }

  /** Copies what is seen. */
  void move(View from, View into) {
    add(new Step.Copy(from, into, "copy " + into.buffer().dtype() + into.shape()));
  }

  /** Writes one number everywhere. */
  void fill(Shape shape, double value, View into) {
    DType dtype = into.buffer().dtype();
    if (dtype == DType.F32) {
      LoopBuilder w = new LoopBuilder(shape, this::view);
      w.fill(value, into);
      add(w.build("fill " + shape));
    } else {
      Buffer one = constants.of(Ops.literal(dtype, Shape.of(), value));
      move(new View(one, 0, shape, new int[shape.rank()]), into);
    }
  }

  private void loop(Fusion.Unit u, Fusion fusion) {
    LoopBuilder w =
        new LoopBuilder(u.space, t -> fusion.computedIn(u, t), this::view, fusion::isTiled);
    StringBuilder what = new StringBuilder("loop " + u.space);
    for (Tensor t : u.stored) {
      w.store(t, target(t));
      what.append(" =").append(t.op());
    }
    for (Tensor t : u.reductions) {
      w.reduce(t, result(t));
      what.append(' ').append(t.op());
    }
    add(w.build(what.toString()));
  }
}
