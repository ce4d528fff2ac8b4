package io.quickstudy.transform;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Tensors by name, in a fixed order: the parameters of a model, the state of an optimiser, the
 * parts of a task. Immutable. Names are dotted paths in the style of PyTorch modules
 * ("conv1.weight").
 */
public final class Params {
  private static final Params EMPTY = new Params(new LinkedHashMap<>());
  private final Map<String, Tensor> map;
  private final Runnable onRead;

  private Params(Map<String, Tensor> map) {
    this(map, () -> {});
  }

  private Params(Map<String, Tensor> map, Runnable onRead) {
    map.forEach(
        (n, t) -> {
          if (n == null || n.isEmpty() || t == null) {
            throw new IllegalArgumentException(
                "parameter '%s' is %s; expected a name and a tensor: give both"
                    .formatted(n, t == null ? "null" : t.dtype() + "" + t.shape()));
          }
        });
    this.map = map;
    this.onRead = onRead;
  }

  /** The same tensors, and a call whenever one of them is read; what is made of them has none. */
  Params watched(Runnable call) {
    return new Params(map, call);
  }

  private Map<String, Tensor> read() {
    onRead.run();
    return map;
  }

  /** No tensors. */
  public static Params empty() {
    return EMPTY;
  }

  /** One tensor. */
  public static Params of(String name, Tensor value) {
    return EMPTY.with(name, value);
  }

  /** Two tensors, of different names. */
  public static Params of(String n1, Tensor v1, String n2, Tensor v2) {
    if (n1 != null && n1.equals(n2)) {
      throw new IllegalArgumentException(
          "parameter '%s' is given twice; expected different names: rename one".formatted(n1));
    }
    return of(n1, v1).with(n2, v2);
  }

  /** A copy of a map, in its order. */
  public static Params of(Map<String, Tensor> map) {
    return new Params(new LinkedHashMap<>(map));
  }

  /** Unnamed tensors: "0", "1", ... */
  public static Params of(List<Tensor> values) {
    Map<String, Tensor> m = new LinkedHashMap<>();
    for (Tensor v : values) {
      m.put(Integer.toString(m.size()), v);
    }
    return new Params(m);
  }

  /** These with one more, or with one replaced. */
  public Params with(String name, Tensor value) {
    Map<String, Tensor> m = new LinkedHashMap<>(read());
    m.put(name, value);
    return new Params(m);
  }

  /** These and the others; on equal names the others' values. */
  public Params with(Params others) {
    Map<String, Tensor> m = new LinkedHashMap<>(read());
    m.putAll(others.read());
    return new Params(m);
  }

  /** The same values under names behind a prefix and a dot. */
  public Params under(String prefix) {
    if (prefix.isEmpty()) {
      throw new IllegalArgumentException(
          "parameters under an empty name; expected a prefix: leave them as they are instead");
    }
    Map<String, Tensor> m = new LinkedHashMap<>();
    read().forEach((k, v) -> m.put(prefix + "." + k, v));
    return new Params(m);
  }

  /** The values whose names start with the prefix and a dot, without them. */
  public Params sub(String prefix) {
    Map<String, Tensor> m = new LinkedHashMap<>();
    read()
        .forEach(
            (k, v) -> {
              if (k.startsWith(prefix + ".")) {
                m.put(k.substring(prefix.length() + 1), v);
              }
            });
    return new Params(m);
  }

  /**
   * The tensor of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Tensor get(String name) {
    Tensor t = read().get(name);
    if (t == null) {
      throw new IllegalArgumentException(
          "no parameter '" + name + "'; there are " + map.keySet() + ": use one of these");
    }
    return t;
  }

  /** The names in order. */
  public Set<String> names() {
    return java.util.Collections.unmodifiableSet(map.keySet());
  }

  /** The tensors in order. */
  public Collection<Tensor> values() {
    return java.util.Collections.unmodifiableCollection(read().values());
  }

  /** How many. */
  public int count() {
    return map.size();
  }

  /** How many numbers in all. */
  public long size() {
    return map.values().stream().mapToLong(t -> t.shape().size()).sum();
  }

  /** Those whose names fit, in the same order. */
  public Params select(Predicate<String> names) {
    Map<String, Tensor> m = new LinkedHashMap<>();
    names().stream().filter(names).forEach(n -> m.put(n, get(n)));
    return of(m);
  }

  /** f of each. */
  public Params map(UnaryOperator<Tensor> f) {
    Map<String, Tensor> m = new LinkedHashMap<>();
    read().forEach((k, v) -> m.put(k, f.apply(v)));
    return new Params(m);
  }

  /** f of each pair of the same name. */
  public Params zip(Params other, BinaryOperator<Tensor> f) {
    if (!map.keySet().equals(other.map.keySet())) {
      throw new IllegalArgumentException(
          "parameters "
              + map.keySet()
              + " and "
              + other.map.keySet()
              + " must have the same names");
    }
    Map<String, Tensor> m = new LinkedHashMap<>();
    read().forEach((k, v) -> m.put(k, f.apply(v, other.get(k))));
    return new Params(m);
  }

  /** Sum, name by name; the shapes stay as they are here. */
  public Params plus(Params other) {
    return zip(other, (a, b) -> like(a, Ops.add(a, b)));
  }

  /** Difference, name by name; the shapes stay as they are here. */
  public Params minus(Params other) {
    return zip(other, (a, b) -> like(a, Ops.sub(a, b)));
  }

  /** c times each. */
  public Params times(double c) {
    return map(v -> Ops.scale(v, c));
  }

  /** A scalar, or what is repeated over each, times each; the shapes stay as they are here. */
  public Params times(Tensor c) {
    return map(v -> like(v, Ops.mul(v, c)));
  }

  /** Refuses a result that was repeated along axes which its parameter does not have. */
  private static Tensor like(Tensor parameter, Tensor result) {
    if (!result.shape().equals(parameter.shape())) {
      throw new IllegalArgumentException(
          "parameter of shape %s would become %s; expected its own shape: use zip to change it"
              .formatted(parameter.shape(), result.shape()));
    }
    return result;
  }

  /** The same names with the given values, in order. */
  public Params replace(List<Tensor> values) {
    if (values.size() != map.size()) {
      throw new IllegalArgumentException(
          values.size() + " tensors for " + map.size() + " parameters: give one for each");
    }
    List<Tensor> v = new ArrayList<>(values);
    int[] i = {0};
    return map(t -> v.get(i[0]++));
  }

  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    map.forEach((k, v) -> s.append(k).append(' ').append(v.shape()).append('\n'));
    return s.toString();
  }
}
