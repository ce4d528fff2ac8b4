package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static io.quickstudy.transform.Simplifier.*;

import io.quickstudy.graph.Body;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Walks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Loops of which no more is left than what is wanted, with bodies that are simplified themselves.
 */
final class RecurrenceRules {
  private RecurrenceRules() {}

  /** The body simplified; inputs that are one number everywhere or that nothing reads gone. */
  static Tensor rule(Recurrence op, Tensor t) {
    List<Tensor> seen = t.inputs().stream().map(RecurrenceRules::seen).toList();
    return seen.equals(t.inputs()) ? onInputs(op, t) : Tensor.of(op, seen);
  }

  /**
   * An input, which as a part of another loop's cotangent is often a slice of what was padded: what
   * was padded, or zeros.
   */
  private static Tensor seen(Tensor x) {
    if (x.op() instanceof Layout.Reshape) {
      Tensor of = seen(x.input(0));
      return of == x.input(0) ? x : isFill(of) ? fillLike(x, value(of)) : reshape(of, x.shape());
    }
    Tensor found = x.op() instanceof Layout.Slice s ? taken(s, x, x.input(0)) : null;
    return found == null ? x : found;
  }

  /** A slice of x, of the shape of t, as something simpler; null where it is not known. */
  private static Tensor taken(Layout.Slice s, Tensor t, Tensor x) {
    if (isFill(x)) {
      return fillLike(t, value(x));
    }
    if (x.op() == Binary.ADD) {
      Tensor a = taken(s, t, x.input(0));
      Tensor b = a == null ? null : taken(s, t, x.input(1));
      return b == null ? null : isFill(a, 0) ? b : isFill(b, 0) ? a : add(a, b);
    }
    if (!(x.op() instanceof Layout.Pad p)) {
      return null;
    }
    boolean all = true;
    for (int i = 0; i < x.rank(); i++) {
      int low = p.low().get(i);
      int high = x.dim(i) - p.high().get(i);
      boolean plain = s.steps().get(i) == 1 && p.interior().get(i) == 0;
      if (plain && (s.limits().get(i) <= low || s.starts().get(i) >= high)) {
        return fillLike(t, 0);
      }
      all &= plain && s.starts().get(i) == low && s.limits().get(i) == high;
    }
    return all ? x.input(0) : null;
  }

  private static Tensor onInputs(Recurrence op, Tensor t) {
    Body b = op.body();
    List<Tensor> results = b.results();
    Map<Tensor, Tensor> numbers = new IdentityHashMap<>();
    for (int i = b.carries().size(); i < t.inputs().size(); i++) {
      Tensor slot = b.slots().get(i);
      if (isFill(t.input(i))) {
        Op.Type type = new Op.Type(slot.shape(), slot.dtype());
        numbers.put(slot, Tensor.of(new Leaf.Fill(value(t.input(i)), type)));
      }
    }
    List<Tensor> simple = simplify(numbers.isEmpty() ? results : Walks.replace(results, numbers));
    Body now = simple.equals(results) ? b : b.with(simple);
    Set<Integer> read = new HashSet<>(now.used());
    IntStream.range(0, b.carries().size()).forEach(read::add);
    if (read.size() == t.inputs().size()) {
      return now.equals(b) ? t : Tensor.of(op.with(now), t.inputs());
    }
    return over(op, t, now, new TreeSet<>(read));
  }

  /** The recurrence over some of its inputs, all carries among them. */
  private static Tensor over(Recurrence op, Tensor t, Body b, Set<Integer> inputs) {
    int c = b.carries().size();
    int firstShared = c + b.slices().size();
    List<Tensor> slices = new ArrayList<>();
    List<Tensor> shared = new ArrayList<>();
    for (int i : inputs) {
      if (i >= c) {
        (i < firstShared ? slices : shared).add(b.slots().get(i));
      }
    }
    Body less = Body.of(b.carries(), slices, shared, b.next(), b.stacked(), b.summed());
    return Tensor.of(onInputs(op, less, inputs), inputs.stream().map(t::input).toList());
  }

  private static Recurrence onInputs(Recurrence op, Body b, Set<Integer> inputs) {
    List<List<Boolean>> flags =
        op.mapped().stream().map(m -> inputs.stream().map(m::get).toList()).toList();
    return new Recurrence(b, op.steps(), op.direction(), op.extents(), flags);
  }

  /**
   * A recurrence that computes what slices take of it, put where it was, with zeros for the rest,
   * or one that leaves products to what comes behind it; null where it stays, or it is not known
   * what is taken.
   */
  static Tensor wanted(Recurrence op, Tensor t, List<Layout.Slice> slices) {
    if (slices == null) {
      return null;
    }
    List<Recurrence.Place> places = op.places();
    Set<Integer> taken = new HashSet<>();
    for (Layout.Slice s : slices) {
      int last = t.rank() - 1;
      int found =
          IntStream.range(0, places.size())
              .filter(
                  i ->
                      places.get(i).from() == s.starts().get(last)
                          && places.get(i).to() == s.limits().get(last))
              .findFirst()
              .orElse(-1);
      if (found < 0) {
        return null;
      }
      taken.add(found);
    }
    Body b = op.body();
    int c = b.carries().size();
    Set<Integer> carries = carries(b, taken);
    Set<Integer> kept = new TreeSet<>(taken);
    kept.addAll(carries);
    if (kept.size() == places.size()) {
      return productsOutside(op, t);
    }
    List<Tensor> next = new ArrayList<>();
    List<Tensor> stacked = new ArrayList<>();
    List<Tensor> summed = new ArrayList<>();
    int firstSum = c + b.stacked().size();
    for (int i : kept) {
      (i < c ? next : i < firstSum ? stacked : summed).add(b.results().get(i));
    }
    Set<Integer> inputs = new TreeSet<>(carries);
    IntStream.range(c, t.inputs().size()).forEach(inputs::add);
    List<Tensor> left = carries.stream().map(b.carries()::get).toList();
    Body less = Body.of(left, b.slices(), b.shared(), next, stacked, summed);
    Recurrence r = onInputs(op, less, inputs);
    Tensor all = Tensor.of(r, inputs.stream().map(t::input).toList());

    List<Tensor> parts = new ArrayList<>();
    int axis = t.rank() - 1;
    int at = 0;
    for (int i = 0; i < places.size(); i++) {
      if (kept.contains(i)) {
        Recurrence.Place p = r.places().get(at++);
        parts.add(slice(all, axis, p.from(), p.to()));
      } else {
        parts.add(fill(0, t.shape().with(axis, places.get(i).to() - places.get(i).from())));
      }
    }
    return concatenate(axis, parts);
  }

  /** The carries on which some of the results depend. */
  private static Set<Integer> carries(Body b, Set<Integer> results) {
    int c = b.carries().size();
    Set<Integer> needed = new TreeSet<>();
    List<Integer> todo = new ArrayList<>(results);
    while (!todo.isEmpty()) {
      List<Tensor> roots = todo.stream().map(b.results()::get).toList();
      todo.stream().filter(i -> i < c).forEach(needed::add);
      Set<Tensor> read = Set.copyOf(Walks.order(roots));
      todo.clear();
      for (int i = 0; i < c; i++) {
        if (read.contains(b.carries().get(i)) && needed.add(i)) {
          todo.add(i);
        }
      }
    }
    return needed;
  }

  /** A sum over steps may take so many times its own memory to be made at once. */
  private static final int STACKED = 16;

  /**
   * Sums over steps of products x' y, the gradients of weights, as one product behind the loop of
   * what is stacked instead: thin products that each pass over the whole sum become one. Null where
   * there are none that are thin.
   */
  private static Tensor productsOutside(Recurrence op, Tensor t) {
    Body b = op.body();
    int c = b.carries().size();
    int firstSum = c + b.stacked().size();
    List<Tensor> stacked = new ArrayList<>(b.stacked());
    List<Tensor> summed = new ArrayList<>();
    List<List<Integer>> pieces = new ArrayList<>(); // for each sum, where its factors are stacked
    List<Tensor> rests = new ArrayList<>();
    for (Tensor sum : b.summed()) {
      List<Tensor> terms = new ArrayList<>();
      terms(sum, terms);
      List<Integer> at = new ArrayList<>();
      Tensor rest = null;
      for (Tensor term : terms) {
        if (isThin(op, term)) {
          at.add(stacked.size());
          stacked.add(rows(term.input(0)));
          stacked.add(term.input(1));
        } else {
          rest = rest == null ? term : add(rest, term);
        }
      }
      pieces.add(at);
      rests.add(rest);
      if (rest != null) {
        summed.add(rest);
      }
    }
    if (stacked.size() == b.stacked().size()) {
      return null;
    }
    Body less = Body.of(b.carries(), b.slices(), b.shared(), b.next(), stacked, summed);
    Recurrence r = op.with(less);
    Tensor all = Tensor.of(r, t.inputs());
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < firstSum; i++) {
      parts.add(flat(t, r.part(all, i)));
    }
    int rest = c + stacked.size();
    for (int i = 0; i < pieces.size(); i++) {
      Tensor sum = rests.get(i) == null ? null : r.part(all, rest++);
      for (int k : pieces.get(i)) {
        Tensor x = joined(r.part(all, c + k), t.rank() - 1);
        Tensor y = joined(r.part(all, c + k + 1), t.rank() - 1);
        Tensor product = dot(t(x), y);
        sum = sum == null ? product : add(sum, product);
      }
      parts.add(flat(t, sum));
    }
    return concatenate(t.rank() - 1, parts);
  }

  private static void terms(Tensor sum, List<Tensor> into) {
    if (sum.op() == Binary.ADD) {
      sum.inputs().forEach(i -> terms(i, into));
    } else {
      into.add(sum);
    }
  }

  /** Whether a product of matrices is larger than its factors, and these are not too many. */
  private static boolean isThin(Recurrence op, Tensor t) {
    if (!(t.op() instanceof Product.Dot) || t.rank() != 2) {
      return false;
    }
    long factors = (long) t.input(0).dim(1) * (t.dim(0) + t.dim(1));
    return factors < t.shape().size() && op.steps() * factors <= (long) STACKED * t.shape().size();
  }

  /** The left factor's transpose. */
  private static Tensor rows(Tensor left) {
    boolean turned = left.op() instanceof Layout.Transpose;
    return turned ? left.input(0) : t(left);
  }

  /** [tasks..., T, k, n] as [tasks..., T k, n]. */
  private static Tensor joined(Tensor x, int tasks) {
    int depth = x.dim(tasks) * x.dim(tasks + 1);
    return reshape(x, x.shape().sub(0, tasks).append(depth, x.dim(-1)));
  }

  private static Tensor flat(Tensor like, Tensor part) {
    Shape tasks = like.shape().sub(0, like.rank() - 1);
    return reshape(part, tasks.append(part.shape().size() / tasks.size()));
  }
}
