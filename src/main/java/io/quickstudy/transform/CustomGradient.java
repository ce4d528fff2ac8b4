package io.quickstudy.transform;

import io.quickstudy.graph.Body;
import io.quickstudy.graph.CustomVjp;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Walks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Functions whose value and gradient are given apart, as {@code jax.custom_vjp}: straight-through
 * estimators, first-order approximations, clipped and reversed gradients, directions that are no
 * gradient. A rectifier that lets the gradient through where it is 0:
 *
 * <pre>{@code
 * CustomGradient.of(p -> relu(p.get("x")), (p, y, g) -> p.map(x -> g)).apply(Params.of("x", x))
 * }</pre>
 *
 * <p>and Reptile's direction (Nichol, Achiam and Schulman 2018, equation 2) as the gradient of a
 * loss:
 *
 * <pre>{@code
 * CustomGradient.of(p -> loss, (p, y, g) -> theta.minus(phi).map(Ops::stop).times(g)).apply(theta)
 * }</pre>
 *
 * <p>The vector-Jacobian product is graph like any other: gradients of gradients go through it, to
 * any order, and it may close over whatever it likes. It need not be linear in g. Under {@code
 * vmap} it is that of each task.
 *
 * <p>It is an op of its own ({@link CustomVjp}), which vanishes once gradients have been taken, and
 * no sum of primitives such as {@code stop(y) + s - stop(s)}, for three reasons. The sum rounds, so
 * that its value is not y. It is right once only: for a slope v the surrogate {@code s = v (x -
 * stop(x))} has the second derivative 2 v', since v and x - stop(x) both move, and with {@code
 * stop(v)} it has none. And the slope of a sum is linear in g, which a clipped gradient is not.
 */
public final class CustomGradient {
  private CustomGradient() {}

  /** A gradient. */
  public interface Vjp {
    /**
     * Cotangents of x, by name, for every F32 tensor among them.
     *
     * @param x the arguments
     * @param y the value
     * @param g the cotangent of the value, of y's shape
     */
    Params of(Params x, Tensor y, Tensor g);
  }

  /** A gradient of a function with several results. */
  public interface VjpAll {
    /** As {@link Vjp#of}; g has the names and shapes of y. */
    Params of(Params x, Params y, Params g);
  }

  /**
   * A function with the given value, F32 of any shape, and the given gradient. Its argument is all
   * that gradients reach: a value that also depends on another variable of a gradient is refused
   * when that gradient is taken, unless it is stopped.
   *
   * @throws IllegalArgumentException when it is applied, if the value is not F32 or the cotangents
   *     do not have the names and shapes of the arguments
   */
  public static Function<Params, Tensor> of(Function<Params, Tensor> value, Vjp vjp) {
    UnaryOperator<Params> all =
        ofAll(x -> Params.of("y", value.apply(x)), (x, y, g) -> vjp.of(x, y.get("y"), g.get("y")));
    return x -> all.apply(x).get("y");
  }

  /** As {@link #of}, for a function with several results. */
  public static UnaryOperator<Params> ofAll(UnaryOperator<Params> value, VjpAll vjp) {
    return x -> {
      Params y = value.apply(x.map(Ops::alias));
      for (String n : y.names()) {
        if (y.get(n).dtype() != DType.F32) {
          throw new IllegalArgumentException(
              "custom gradient: the value '"
                  + n
                  + "' is "
                  + y.get(n).dtype()
                  + ", which has no gradient: convert it to F32");
        }
      }
      Flat flat = Flat.like(y);
      Rule rule = Rule.trace(x, flat, vjp);
      List<Tensor> in = new ArrayList<>(List.of(flat.join(y)));
      in.addAll(x.values());
      in.addAll(rule.f().captured());
      return flat.split(Tensor.of(new CustomVjp(rule, x.count()), in));
    };
  }

  /**
   * A traced gradient. Not a record: each is its own.
   *
   * <p>Parameters of the function: the arguments, the value, its cotangent.
   */
  private static final class Rule implements CustomVjp.Rule {
    private final Closure f;
    private final List<Boolean> differentiable;

    private Rule(Closure f, List<Boolean> differentiable) {
      this.f = f;
      this.differentiable = differentiable;
    }

    static Rule trace(Params x, Flat y, VjpAll vjp) {
      Map<String, Tensor> slots = new LinkedHashMap<>();
      Params variables = Params.empty();
      for (String n : x.names()) {
        Tensor t = x.get(n);
        slots.put(n, Tensor.argument(n, t.dtype(), t.shape()));
        variables = t.dtype() == DType.F32 ? variables.with(n, t) : variables;
      }
      Tensor value = Tensor.argument("y", DType.F32, Shape.of(y.size()));
      Tensor g = Tensor.argument("g", DType.F32, value.shape());
      Params c = vjp.of(Params.of(slots), y.split(value), y.split(g));
      Flat.like(variables).check("custom gradient: the vjp gives", c);
      Collection<Tensor> parameters = new ArrayList<>(slots.values());
      parameters.addAll(List.of(value, g));
      List<Tensor> results = variables.names().stream().map(c::get).toList();
      return new Rule(
          Closure.of(parameters, results),
          x.values().stream().map(t -> t.dtype() == DType.F32).toList());
    }

    Closure f() {
      return f;
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      int own = differentiable.size();
      List<Tensor> arguments = new ArrayList<>(x.subList(0, own));
      arguments.addAll(List.of(y, g));
      List<Tensor> results = f.apply(arguments, x.subList(own, x.size()));
      List<Tensor> out = new ArrayList<>();
      int next = 0;
      for (boolean d : differentiable) {
        out.add(d ? results.get(next++) : null);
      }
      return out;
    }

    @Override
    public CustomVjp.Rule batch(int n, List<Boolean> mapped) {
      return new BatchedRule(this, n, mapped);
    }
  }

  /**
   * Refuses a value that reaches a variable on a way other than its arguments, where a gradient
   * would silently be lost.
   *
   * @param v any node, of which those of custom gradients are looked at, and what is in loops
   * @param live the nodes that depend on a variable
   * @param variables what a gradient is taken with respect to
   */
  static void refuseHidden(Tensor v, Set<Tensor> live, Params variables) {
    if (v.op() instanceof CustomVjp op) {
      refuseHidden(v, op, variables);
    } else if (v.op() instanceof Recurrence op) {
      refuseHidden(v, op.body(), live);
    }
  }

  /** As above, in the body of a loop, whose variables are the slots of what depends on one. */
  private static void refuseHidden(Tensor v, Body body, Set<Tensor> live) {
    List<Tensor> nodes = Walks.order(body.results());
    if (nodes.stream()
        .noneMatch(t -> t.op() instanceof CustomVjp || t.op() instanceof Recurrence)) {
      return;
    }
    Params slots = Params.empty();
    for (int i = 0; i < v.inputs().size(); i++) {
      slots = live.contains(v.input(i)) ? slots.with("input " + i, body.slots().get(i)) : slots;
    }
    Set<Tensor> inside = Walks.dependents(nodes, slots.values());
    for (int before = -1; before < slots.count(); ) { // a carry may come to depend on one
      before = slots.count();
      for (int i = 0; i < body.carries().size(); i++) {
        if (inside.contains(body.next().get(i))) {
          slots = slots.with("input " + i, body.carries().get(i));
        }
      }
      inside = Walks.dependents(nodes, slots.values());
    }
    for (Tensor t : nodes) {
      if (inside.contains(t)) {
        refuseHidden(t, inside, slots);
      }
    }
  }

  private static void refuseHidden(Tensor v, CustomVjp op, Params variables) {
    Deque<Tensor> todo = new ArrayDeque<>(List.of(v.input(0)));
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    seen.addAll(v.inputs().subList(1, 1 + op.arguments()));
    while (!todo.isEmpty()) {
      Tensor t = todo.pop();
      boolean closed = t.dtype() != DType.F32 || t.op() instanceof Elementwise.Stop;
      if (closed || !seen.add(t)) {
        continue;
      }
      for (String name : variables.names()) {
        if (variables.get(name) == t) {
          throw new IllegalArgumentException(
              "custom gradient: the value also depends on '"
                  + name
                  + "', a variable that is not among the arguments, whose gradient would be lost:"
                  + " make it an argument, or stop() it");
        }
      }
      t.inputs().forEach(todo::push);
    }
  }
}
