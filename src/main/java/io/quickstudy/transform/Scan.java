package io.quickstudy.transform;

import io.quickstudy.graph.Body;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Walks;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A loop over time or inner steps whose body is traced once, however many steps it takes: {@code
 * jax.lax.scan}. Where a loop in Java makes a graph of all steps, this makes one node, which
 * compiles in the time of one step.
 *
 * <pre>{@code
 * Scan.Result r = Scan.scan(
 *     (carry, x) -> {
 *       Tensor h = tanh(add(dot(carry.get("h"), w), x.get("x")));
 *       return new Scan.Step(Params.of("h", h), Params.of("y", h));
 *     },
 *     Params.of("h", start), Params.of("x", xs));
 * }</pre>
 *
 * <p>It has gradients to any order and runs under {@link Vmap}, within each other and within {@link
 * Grad}. Tensors from outside that a body uses, such as weights, get their gradients, and are
 * computed once. Carries and results are F32; slices and what is used from outside may be anything
 * (positions of the steps: {@code xs} of {@link Ops#iota}).
 *
 * <p>The gradient goes back over the steps, computing each again from the carry it began with. By
 * default the carry of every step is kept: T carries. Keeping one in {@code every} steps takes T /
 * every + every carries, and computes the steps between them once more.
 */
public final class Scan {
  private Scan() {}

  /**
   * What a step makes.
   *
   * @param carry the next carry, of the names and shapes of the one before
   * @param ys results to be stacked; may be none
   */
  public record Step(Params carry, Params ys) {
    /** A step that only hands on. */
    public Step(Params carry) {
      this(carry, Params.empty());
    }
  }

  /**
   * What a loop makes.
   *
   * @param carry after the last step
   * @param ys every step's results, stacked along a leading axis
   */
  public record Result(Params carry, Params ys) {}

  /** A pure function of the carry and a step's slices. It is called once. */
  @FunctionalInterface
  public interface Function {
    /** Builds the graph of a step. */
    Step apply(Params carry, Params x);
  }

  /**
   * Runs a body over the leading axis of xs, keeping the carry of every step.
   *
   * @throws IllegalArgumentException as {@link #scan(Function, Params, Params, int)}
   */
  public static Result scan(Function body, Params init, Params xs) {
    return scan(body, init, xs, 1);
  }

  /**
   * Runs a body over the leading axis of xs.
   *
   * @param init the carry before the first step, F32
   * @param xs each [T, ...], at least one
   * @param every steps from one kept carry to the next, at least 1
   * @throws IllegalArgumentException one sentence, if the leading axes differ, a carry changes its
   *     names or type, or anything is not of the kind that is expected
   */
  public static Result scan(Function body, Params init, Params xs, int every) {
    int steps = -1;
    String first = "";
    for (String name : xs.names()) {
      Tensor x = xs.get(name);
      if (x.rank() == 0 || (steps >= 0 && x.dim(0) != steps)) {
        throw new IllegalArgumentException(
            "scan: '%s' has shape %s; expected a leading axis of steps%s: give every step a slice of each."
                .formatted(
                    name, x.shape(), steps < 0 ? "" : ", " + steps + " as '" + first + "' has"));
      }
      first = steps < 0 ? name : first;
      steps = x.dim(0);
    }
    if (steps < 0) {
      throw new IllegalArgumentException(
          "scan: there are no xs to run over; say how many steps there are: scan(body, init,"
              + " steps).");
    }
    return run(body, init, xs, steps, every);
  }

  /**
   * Runs a body so many times, without slices, keeping the carry of every step.
   *
   * @throws IllegalArgumentException as {@link #scan(Function, Params, Params, int)}, or if there
   *     is no step
   */
  public static Result scan(UnaryOperator<Params> body, Params init, int steps) {
    return scan(body, init, steps, 1);
  }

  /** As {@link #scan(UnaryOperator, Params, int)}, keeping one carry in so many steps. */
  public static Result scan(UnaryOperator<Params> body, Params init, int steps, int every) {
    return run((c, x) -> new Step(body.apply(c)), init, Params.empty(), steps, every);
  }

  private static Result run(Function body, Params init, Params xs, int steps, int every) {
    if (steps < 1 || every < 1) {
      throw new IllegalArgumentException(
          "scan: %s is %s; expected at least 1: %s."
              .formatted(
                  steps < 1 ? "the number of steps" : "the distance of kept carries",
                  steps < 1 ? steps : every,
                  steps < 1 ? "take a step or leave the loop out" : "1 keeps all"));
    }
    for (String name : init.names()) {
      if (init.get(name).dtype() != DType.F32) {
        throw new IllegalArgumentException(
            "scan: carry '%s' is %s; a carry is F32: convert it, or make it one of xs."
                .formatted(name, init.get(name).dtype()));
      }
    }
    return new Trace(body, init, xs).run(steps, Math.min(every, steps));
  }

  /** A body that was traced, and what it is run on. */
  private static final class Trace {
    private final Params init;
    private final Params xs;
    private final Step step;
    private final Body body;
    private final List<Tensor> captured = new ArrayList<>();

    Trace(Function f, Params init, Params xs) {
      this.init = init;
      this.xs = xs;
      Params carry = init.map(t -> Tensor.argument("carry", t.dtype(), t.shape()));
      Params x = xs.map(t -> Tensor.argument("x", t.dtype(), t.shape().sub(1, t.rank())));
      this.step = f.apply(carry, x);
      check(step);
      List<Tensor> slots = new ArrayList<>(carry.values());
      slots.addAll(x.values());
      List<Tensor> next = init.names().stream().map(step.carry::get).toList();
      List<Tensor> results = new ArrayList<>(next);
      results.addAll(step.ys.values());
      Map<Tensor, Tensor> outside = outside(results, slots);
      captured.addAll(outside.keySet());
      List<Tensor> inside = Walks.replace(results, outside);
      List<Tensor> carries = List.copyOf(carry.values());
      List<Tensor> stacked = new ArrayList<>(carries); // the gradient begins with them
      stacked.addAll(inside.subList(next.size(), inside.size()));
      this.body =
          Body.of(
              carries,
              List.copyOf(x.values()),
              List.copyOf(outside.values()),
              inside.subList(0, next.size()),
              stacked,
              List.of());
    }

    private void check(Step s) {
      if (!s.carry.names().equals(init.names())) {
        throw new IllegalArgumentException(
            "scan: the body's carry is %s; expected %s: hand on what was given."
                .formatted(s.carry.names(), init.names()));
      }
      for (String name : init.names()) {
        Tensor from = init.get(name);
        Tensor to = s.carry.get(name);
        if (!from.shape().equals(to.shape()) || from.dtype() != to.dtype()) {
          throw new IllegalArgumentException(
              "scan: carry '%s' is %s%s and the body makes it %s%s; a carry keeps its type: reshape or convert it in the body."
                  .formatted(name, from.dtype(), from.shape(), to.dtype(), to.shape()));
        }
      }
      if (init.count() + s.ys.count() == 0) {
        throw new IllegalArgumentException(
            "scan: there is neither a carry nor a result; hand something on, or return ys.");
      }
      for (String name : s.ys.names()) {
        if (s.ys.get(name).dtype() != DType.F32) {
          throw new IllegalArgumentException(
              "scan: result '%s' is %s; expected F32: convert it in the body."
                  .formatted(name, s.ys.get(name).dtype()));
        }
      }
    }

    /**
     * What a body reads from outside, by what it is there, and slots for it. Layouts of such are
     * made inside, where kernels see through them; constants are as well.
     */
    private static Map<Tensor, Tensor> outside(List<Tensor> results, List<Tensor> slots) {
      List<Tensor> order = Walks.order(results);
      Set<Tensor> inside = Walks.dependents(order, slots);
      Map<Tensor, Tensor> found = new LinkedHashMap<>();
      Map<Tensor, Boolean> seen = new IdentityHashMap<>();
      List<Tensor> todo = new ArrayList<>(results);
      while (!todo.isEmpty()) {
        Tensor t = todo.remove(todo.size() - 1);
        if (seen.put(t, true) != null || slots.contains(t)) {
          continue;
        }
        boolean constant = t.inputs().isEmpty() && !(t.op() instanceof Leaf.Argument);
        if (inside.contains(t) || isView(t)) {
          todo.addAll(t.inputs());
        } else if (!constant) {
          found.put(t, Tensor.argument("outside", t.dtype(), t.shape()));
        }
      }
      return found;
    }

    private static boolean isView(Tensor t) {
      return t.op() instanceof Layout
          && !(t.op() instanceof Layout.Pad)
          && !(t.op() instanceof Layout.Concatenate);
    }

    Result run(int steps, int every) {
      List<Tensor> carry = List.copyOf(init.values());
      List<Tensor> x = List.copyOf(xs.values());
      int whole = every == 1 || every == steps ? 0 : steps / every;
      Parts done = new Parts(carry, List.of());
      if (whole > 0) {
        int n = whole * every;
        done = inChunks(whole, every, carry, parts(x, 0, n));
        x = parts(x, n, steps);
      }
      if (whole * every < steps) {
        Parts rest = of(body, steps - whole * every, done.carry, x, captured);
        done = whole == 0 ? rest : done.then(rest);
      }
      return new Result(init.replace(done.carry), step.ys.replace(done.ys));
    }

    private static List<Tensor> parts(List<Tensor> x, int from, int to) {
      return from == to ? List.of() : x.stream().map(t -> Ops.slice(t, 0, from, to)).toList();
    }

    /** A loop over chunks of steps, whose body is the loop over those of one. */
    private Parts inChunks(int chunks, int size, List<Tensor> carry, List<Tensor> x) {
      List<Tensor> parts =
          x.stream().map(t -> Ops.reshape(t, Shape.of(chunks).append(with(size, t)))).toList();
      List<Tensor> carries = copies(carry, 0);
      List<Tensor> slices = copies(parts, 1);
      List<Tensor> shared = copies(captured, 0);
      Parts one = of(body, size, carries, slices, shared);
      List<Tensor> stacked = new ArrayList<>(carries);
      stacked.addAll(one.ys);
      Body outer = Body.of(carries, slices, shared, one.carry, stacked, List.of());
      Parts all = of(outer, chunks, carry, parts, captured);
      return new Parts(
          all.carry,
          all.ys.stream()
              .map(y -> Ops.reshape(y, y.shape().sub(2, y.rank()).prepend(chunks * size)))
              .toList());
    }

    private static int[] with(int size, Tensor t) {
      return t.shape().with(0, size).dims();
    }

    private static List<Tensor> copies(List<Tensor> of, int without) {
      return of.stream()
          .map(t -> Tensor.argument("slot", t.dtype(), t.shape().sub(without, t.rank())))
          .toList();
    }

    /** A recurrence's last carries and results, without the carries it keeps. */
    private static Parts of(
        Body b, int steps, List<Tensor> carry, List<Tensor> x, List<Tensor> shared) {
      Tensor all = Recurrence.of(b, steps, Recurrence.Direction.FORWARD, carry, x, shared);
      Recurrence op = (Recurrence) all.op();
      List<Tensor> last = new ArrayList<>();
      List<Tensor> ys = new ArrayList<>();
      int c = carry.size();
      for (int i = 0; i < b.results().size(); i++) {
        if (i < c) {
          last.add(op.part(all, i));
        } else if (i >= 2 * c) {
          ys.add(op.part(all, i));
        }
      }
      return new Parts(last, ys);
    }

    private record Parts(List<Tensor> carry, List<Tensor> ys) {
      Parts then(Parts rest) {
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < ys.size(); i++) {
          all.add(Ops.concatenate(0, ys.get(i), rest.ys.get(i)));
        }
        return new Parts(rest.carry, all);
      }
    }
  }
}
