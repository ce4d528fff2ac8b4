package io.quickstudy.backend.plan;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Groups elementwise ops over one shape, and the reductions of what they compute, into loops.
 *
 * <p>Every node gets a level: an elementwise op has that of the elementwise ops it reads,
 * everything else is one above what it reads. Ops of one shape and one level can share a loop,
 * since a path that leaves such a group only returns at a higher level. An elementwise op whose
 * value is wanted late is computed late; a cheap one that reads a single large tensor is computed
 * again where it is wanted, rather than stored. {@link LoopReads} then finds what else loops had
 * better compute than read, if reading is what they wait for.
 */
public final class Fusion {
  /** Values (inputs, constants, ops) of one loop; the kernels take a few more. */
  static final int MOST_VALUES = 54;

  /** Loops over fewer elements than this are joined even if they share nothing. */
  private static final int SMALL = 4096;

  /** Something to run: a loop, or a kernel when it has a node. */
  static final class Unit {
    final Shape space;
    final Tensor kernel;
    final int level;
    final long order;
    final List<Tensor> members = new ArrayList<>();
    final List<Tensor> stored = new ArrayList<>();
    final List<Tensor> reductions = new ArrayList<>();

    Unit(Shape space, Tensor kernel, int level, long order) {
      this.space = space;
      this.kernel = kernel;
      this.level = level;
      this.order = order;
    }
  }

  private final List<Tensor> order;
  private final Set<Tensor> outputs;
  private final Map<Tensor, List<Tensor>> users = new IdentityHashMap<>();
  private final Map<Tensor, Integer> number = new IdentityHashMap<>();
  private final Map<Tensor, Integer> level = new IdentityHashMap<>();
  private final Map<Tensor, Integer> inlineOps = new IdentityHashMap<>();
  private final Map<Tensor, Unit> unit = new IdentityHashMap<>();
  private final Set<Tensor> tiled = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Scarce scarce;
  private LoopReads reads;

  Fusion(List<Tensor> order, List<Tensor> outputs, Scarce scarce) {
    this.order = order;
    this.scarce = scarce;
    this.outputs = new HashSet<>(outputs);
    for (Tensor t : order) {
      number.put(t, number.size());
      users.put(t, new ArrayList<>());
      t.inputs().forEach(i -> users.get(i).add(t));
    }
    findTiled();
    order.forEach(this::early);
    for (int i = order.size() - 1; i >= 0; i--) {
      late(order.get(i));
    }
    order.forEach(this::inline);
  }

  /** The loops and kernels, each behind those it reads from. */
  List<Unit> units() {
    List<Unit> units = new ArrayList<>();
    Map<Integer, List<Tensor>> groups = new LinkedHashMap<>();
    UnionFind joined = join();
    for (Tensor t : order) {
      if (inLoop(t) && (!isInline(t) || mustStore(t))) {
        groups.computeIfAbsent(joined.find(joined.number(t)), k -> new ArrayList<>()).add(t);
      } else if (isKernel(t) && !isTiled(t)) {
        units.add(new Unit(null, t, level.get(t), number.get(t)));
      }
    }
    groups.values().forEach(g -> cut(g, units));
    List<Unit> loops = units.stream().filter(u -> u.kernel == null).toList();
    reads = new LoopReads(this, loops);
    if (scarce == Scarce.BYTES) {
      reads.fewer(order);
    }
    for (Unit u : loops) {
      for (Tensor t : u.members) {
        if (t.op() instanceof Reduction) {
          u.reductions.add(t);
        } else if (isElementwise(t) && (mustStore(t) || reads.isRead(t, u))) {
          u.stored.add(t);
        }
      }
    }
    units.removeIf(u -> u.kernel == null && u.stored.isEmpty() && u.reductions.isEmpty());
    units.sort(Comparator.<Unit>comparingInt(u -> u.level).thenComparingLong(u -> u.order));
    return units;
  }

  /** Whether a loop computes this value itself when it wants it, instead of reading it. */
  boolean computedIn(Unit u, Tensor t) {
    Unit own = unit.get(t);
    return isElementwise(t)
        && (own == u
            || own == null
            || (isInline(t) && own.level >= u.level)
            || (reads != null && reads.again(u, t)));
  }

  /** The loop that a value belongs to; none where each that wants it computes it. */
  Unit unit(Tensor t) {
    return unit.get(t);
  }

  /** Splits a group into loops that hold few enough values, in order. */
  private void cut(List<Tensor> group, List<Unit> units) {
    Unit now = null;
    Set<Object> values = new HashSet<>();
    for (Tensor t : group) {
      Set<Object> wanted = new HashSet<>();
      collect(t, wanted, true);
      wanted.removeAll(values);
      if (now == null || values.size() + wanted.size() > MOST_VALUES) {
        now = new Unit(space(t), null, level.get(t), number.get(t));
        units.add(now);
        values.clear();
        collect(t, wanted, true);
      }
      values.addAll(wanted);
      unit.put(t, now);
      now.members.add(t);
    }
  }

  /** What a loop has to hold to compute t from what its group computes or stores. */
  private void collect(Tensor t, Set<Object> into, boolean root) {
    if (!into.add(t) || t.op() instanceof Leaf) {
      return;
    }
    if (isTiled(t)) {
      for (int i = 0; i < TILED_VALUES; i++) {
        into.add(List.of(t, i));
      }
      return;
    }
    if (root || isInline(t)) {
      t.inputs().forEach(i -> collect(i, into, false));
    }
  }

  private UnionFind join() {
    UnionFind sets = new UnionFind();
    Map<Object, Integer> first = new HashMap<>();
    for (Tensor t : order) {
      if (!inLoop(t)) {
        continue;
      }
      int me = sets.number(t);
      record Key(Shape space, int level, Tensor shared) {}
      int l = level.get(t);
      if (space(t).size() <= SMALL) {
        merge(sets, first, new Key(space(t), l, null), me);
      }
      for (Tensor i : t.inputs()) {
        if (isElementwise(i) && level.get(i) == l) {
          sets.merge(me, sets.number(i));
        } else if (!(i.op() instanceof Leaf.Fill)) {
          merge(sets, first, new Key(space(t), l, i), me);
        }
      }
    }
    return sets;
  }

  private static void merge(UnionFind sets, Map<Object, Integer> first, Object key, int me) {
    Integer other = first.putIfAbsent(key, me);
    if (other != null) {
      sets.merge(other, me);
    }
  }

  // ---- puts that loops make themselves

  /** The values by which a tiled put is computed: two inputs, positions, zero, two ops. */
  static final int TILED_VALUES = 6;

  /**
   * Puts whose windows tile the image and which only loops read: an element is the window's number
   * or zero, which a loop over [..., OH, KH, OW, KW, C] sees through strides.
   */
  private void findTiled() {
    Map<Shape, Window> windows = new HashMap<>();
    for (Tensor t : order) {
      if (t.op() instanceof Pooling.PoolPut p
          && tiles(p)
          && t.rank() + 2 <= LoopEncoder.MAX_DIMS
          && !outputs.contains(t)
          && users.get(t).stream().allMatch(Fusion::inLoop)
          && windows.computeIfAbsent(t.shape(), k -> p.window()).equals(p.window())) {
        tiled.add(t);
      }
    }
  }

  private static boolean tiles(Pooling.PoolPut p) {
    Window w = p.window();
    return w.strideH() == w.height()
        && w.strideW() == w.width()
        && w.top() + w.left() + w.bottom() + w.right() == 0
        && p.h() % w.height() == 0
        && p.w() % w.width() == 0;
  }

  /** Whether loops compute this put where they want it. */
  boolean isTiled(Tensor t) {
    return tiled.contains(t);
  }

  private boolean isReadThrough(Tensor t) {
    return isView(t) || isTiled(t);
  }

  // ---- levels

  private void early(Tensor t) {
    int l = 0;
    for (Tensor i : t.inputs()) {
      boolean fused = inLoop(t) && isElementwise(i);
      l = Math.max(l, fused ? level.get(i) : available(i));
    }
    level.put(t, l);
  }

  /** The first level at which t's stored value can be read. */
  private int available(Tensor t) {
    boolean there = isReadThrough(t) || (t.op() instanceof Leaf && t.inputs().isEmpty());
    return there ? level.get(t) : level.get(t) + 1;
  }

  private void late(Tensor t) {
    if (!isElementwise(t) || outputs.contains(t) || users.get(t).isEmpty()) {
      return;
    }
    int latest = Integer.MAX_VALUE;
    for (Tensor u : users.get(t)) {
      latest = Math.min(latest, inLoop(u) ? level.get(u) : wanted(u) - 1);
    }
    level.put(t, Math.max(level.get(t), latest));
  }

  /** The level at which a kernel, or the first user of a view, reads. */
  private int wanted(Tensor t) {
    if (!isReadThrough(t)) {
      return level.get(t);
    }
    if (outputs.contains(t)) {
      return level.get(t);
    }
    int w = Integer.MAX_VALUE;
    for (Tensor u : users.get(t)) {
      w = Math.min(w, wanted(u));
    }
    return w == Integer.MAX_VALUE ? level.get(t) : w;
  }

  // ---- what is computed again

  private void inline(Tensor t) {
    if (!isElementwise(t) || !isCheap(t)) {
      return;
    }
    int ops = 1;
    Set<Tensor> large = new HashSet<>();
    for (Tensor i : t.inputs()) {
      if (isInline(i)) {
        ops += inlineOps.get(i);
        leaves(i, large);
      } else if (isElementwise(i) && !mustStore(i)) {
        return;
      } else if (!(i.op() instanceof Leaf.Fill) && !repeats(i)) {
        large.add(i);
      }
    }
    if (ops <= 3 && large.size() <= 1) {
      inlineOps.put(t, ops);
    }
  }

  private void leaves(Tensor t, Set<Tensor> large) {
    for (Tensor i : t.inputs()) {
      if (isInline(i)) {
        leaves(i, large);
      } else if (!(i.op() instanceof Leaf.Fill) && !repeats(i)) {
        large.add(i);
      }
    }
  }

  private static boolean repeats(Tensor t) {
    return t.op() instanceof Layout.Broadcast;
  }

  static boolean isCheap(Tensor t) {
    return switch ((Elementwise) t.op()) {
      case Unary u -> u == Unary.NEG || u == Unary.ABS || u == Unary.SIGN;
      case Binary b -> b != Binary.POW && b != Binary.DIV;
      case Elementwise.Select s -> true;
      case Elementwise.Convert c -> c.to() == DType.F32;
      case Elementwise.Alias a -> false;
      case Elementwise.Stop s -> false;
    };
  }

  private boolean isInline(Tensor t) {
    return inlineOps.containsKey(t);
  }

  /** Whether something outside loops reads the value. */
  boolean mustStore(Tensor t) {
    return isElementwise(t)
        && (outputs.contains(t) || users.get(t).stream().anyMatch(u -> !inLoop(u) && !takes(u)));
  }

  /** Whether a loop that makes a put could compute the numbers it puts. */
  private boolean takes(Tensor put) {
    return scarce == Scarce.BYTES && isTiled(put);
  }

  // ---- kinds of node

  static boolean isElementwise(Tensor t) {
    return t.op() instanceof Elementwise
        && !(t.op() instanceof Elementwise.Convert c && c.to() == DType.I32);
  }

  /** Elementwise ops and reductions; a conversion to integers is a loop that only stores. */
  static boolean inLoop(Tensor t) {
    return isElementwise(t) || t.op() instanceof Reduction;
  }

  public static boolean isView(Tensor t) {
    return t.op() instanceof Layout
        && !(t.op() instanceof Layout.Pad)
        && !(t.op() instanceof Layout.Concatenate);
  }

  private static boolean isKernel(Tensor t) {
    return !inLoop(t) && !isView(t) && !(t.op() instanceof Leaf && t.inputs().isEmpty());
  }

  private static Shape space(Tensor t) {
    return t.op() instanceof Reduction ? t.input(0).shape() : t.shape();
  }
}
