package io.quickstudy.suite;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * One example of an op: a function whose graph holds it, arguments to try it on, and what is known
 * of its result independently of any interpreter.
 *
 * @param covers the op's class, or the constant where the op is one of an enum
 * @param f the function; its result may have any type
 * @param facts what must hold of the arguments and the result
 * @param linear the arguments in each of which f is linear
 * @param order to which order gradients are checked
 */
public record Sample(
    String name,
    Object covers,
    Function<Params, Tensor> f,
    List<Arg> args,
    List<Fact> facts,
    Set<String> linear,
    int order) {

  /** An argument; only F32 that is not merely given is differentiated. */
  public record Arg(String name, DType dtype, Shape shape, Draw draw, Role role) {}

  /** Whether gradients with respect to an argument are checked. */
  public enum Role {
    /** They are. */
    DIFFERENTIABLE,
    /** They are not: integers, or numbers in which the function jumps. */
    GIVEN
  }

  /** A statement about arguments and result, which throws where it does not hold. */
  public interface Fact {
    /** Checks it. */
    void check(Map<String, double[]> x, double[] y);
  }

  /** The result, computed in another way. */
  public interface Formula {
    /** The numbers expected, row-major. */
    double[] of(Map<String, double[]> x);
  }

  /** A sample without arguments or facts, to be checked to order 2. */
  public static Sample of(String name, Object covers, Function<Params, Tensor> f) {
    return new Sample(name, covers, f, List.of(), List.of(), Set.of(), 2);
  }

  /** With one more argument to differentiate. */
  public Sample arg(String name, Shape shape, Draw draw) {
    return with(new Arg(name, DType.F32, shape, draw, Role.DIFFERENTIABLE));
  }

  /** With one more argument that is not differentiated. */
  public Sample given(String name, DType dtype, Shape shape, Draw draw) {
    return with(new Arg(name, dtype, shape, draw, Role.GIVEN));
  }

  private Sample with(Arg arg) {
    List<Arg> all = new ArrayList<>(args);
    all.add(arg);
    return new Sample(name, covers, f, List.copyOf(all), facts, linear, order);
  }

  /** With a formula for the result. */
  public Sample equalTo(Formula formula) {
    return holds((x, y) -> Close.check("formula", formula.of(x), y, Close.DOUBLE));
  }

  /** With a statement about the result. */
  public Sample holds(Fact fact) {
    List<Fact> all = new ArrayList<>(facts);
    all.add(fact);
    return new Sample(name, covers, f, args, List.copyOf(all), linear, order);
  }

  /** With the arguments in each of which it is linear. */
  public Sample linearIn(String... names) {
    Set<String> all = new HashSet<>(linear);
    all.addAll(List.of(names));
    return new Sample(name, covers, f, args, facts, Set.copyOf(all), order);
  }

  /** With gradients checked to another order. */
  public Sample order(int to) {
    return new Sample(name, covers, f, args, facts, linear, to);
  }

  /** The names of the arguments to differentiate. */
  public List<String> differentiable() {
    return args.stream().filter(a -> a.role() == Role.DIFFERENTIABLE).map(Arg::name).toList();
  }

  /** Placeholders for the arguments. */
  public Params placeholders() {
    Map<String, Tensor> p = new LinkedHashMap<>();
    for (Arg a : args) {
      p.put(a.name(), Tensor.argument(a.name(), a.dtype(), a.shape()));
    }
    return Params.of(p);
  }

  /** An argument's numbers; other seeds give others. */
  public double[] draw(Arg arg, long seed) {
    long mixed = 31L * (31L * name.hashCode() + arg.name().hashCode()) + seed;
    return arg.draw().of(new SplittableRandom(mixed), arg.shape().size());
  }

  /** All arguments' numbers. */
  public Map<String, double[]> draw(long seed) {
    Map<String, double[]> v = new LinkedHashMap<>();
    args.forEach(a -> v.put(a.name(), draw(a, seed)));
    return v;
  }

  /** The numbers as what placeholders of the same names stand for. */
  static Map<Tensor, double[]> bind(Params placeholders, Map<String, double[]> values) {
    Map<Tensor, double[]> m = new LinkedHashMap<>();
    values.forEach((k, v) -> m.put(placeholders.get(k), v));
    return m;
  }

  @Override
  public String toString() {
    return name;
  }
}
