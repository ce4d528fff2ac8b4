package io.quickstudy.suite;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.suite.Sample.Arg;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Verifier;
import io.quickstudy.transform.Vmap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** vmap, nested and together with grad, against loops over slices. */
final class VmapCheck {
  private static final int INNER = 3;
  private static final int OUTER = 2;

  private VmapCheck() {}

  /** Every non-empty subset of the arguments mapped, the others shared. */
  static void single(Sample s) {
    for (int mask : subsets(s)) {
      new One(s, mask).check();
    }
  }

  /** Every pair of non-empty subsets, one mapped outside and one inside. */
  static void nested(Sample s) {
    List<Integer> masks = subsets(s);
    for (int outer : masks) {
      for (int inner : masks) {
        boolean pairs = s.args().size() <= 2;
        if (pairs || outer == inner || outer == masks.getLast() || inner == masks.getLast()) {
          nested(s, outer, inner);
        }
      }
    }
  }

  /** As bit masks; a function of nothing is mapped over an argument that it does not use. */
  private static List<Integer> subsets(Sample s) {
    List<Integer> masks = new ArrayList<>();
    for (int m = 1; m < 1 << s.args().size(); m++) {
      masks.add(m);
    }
    return masks.isEmpty() ? List.of(0) : masks;
  }

  private static boolean has(int mask, int i) {
    return (mask >> i & 1) == 1;
  }

  /** The arguments in and out of a subset; a stand-in where it is empty. */
  private static Params part(Sample s, Params all, int mask, boolean in) {
    Params p = Params.empty();
    for (int i = 0; i < s.args().size(); i++) {
      if (has(mask, i) == in) {
        p = p.with(s.args().get(i).name(), all.get(s.args().get(i).name()));
      }
    }
    return in && p.count() == 0 ? Params.of("unused", Ops.fill(0, Shape.of(INNER))) : p;
  }

  /** The numbers of several draws, one behind the other. */
  private static double[] stacked(Sample s, Arg arg, int... seeds) {
    double[] all = new double[seeds.length * arg.shape().size()];
    for (int i = 0; i < seeds.length; i++) {
      double[] one = s.draw(arg, seeds[i]);
      System.arraycopy(one, 0, all, i * one.length, one.length);
    }
    return all;
  }

  private static double[] slice(double[] x, int i, int n) {
    int size = x.length / n;
    return java.util.Arrays.copyOfRange(x, i * size, (i + 1) * size);
  }

  /** One subset mapped once. */
  private static final class One {
    private final Sample s;
    private final int mask;
    private final Params all;
    private final Map<Tensor, double[]> values = new LinkedHashMap<>();
    private final Params mapped;
    private final Params shared;

    One(Sample s, int mask) {
      this.s = s;
      this.mask = mask;
      Map<String, Tensor> p = new LinkedHashMap<>();
      for (int i = 0; i < s.args().size(); i++) {
        Arg a = s.args().get(i);
        Shape shape = has(mask, i) ? a.shape().prepend(INNER) : a.shape();
        Tensor t = Tensor.argument(a.name(), a.dtype(), shape);
        p.put(a.name(), t);
        values.put(t, has(mask, i) ? stacked(s, a, 0, 1, 2) : s.draw(a, 0));
      }
      this.all = Params.of(p);
      this.mapped = part(s, all, mask, true);
      this.shared = part(s, all, mask, false);
    }

    void check() {
      List<Map<String, double[]>> loop = new ArrayList<>(); // per slice: value, gradients
      Params x = s.placeholders();
      Params result = results(x);
      for (int i = 0; i < INNER; i++) {
        Map<String, double[]> v = new LinkedHashMap<>();
        for (int k = 0; k < s.args().size(); k++) {
          Arg a = s.args().get(k);
          v.put(a.name(), s.draw(a, has(mask, k) ? i : 0));
        }
        Map<Tensor, double[]> y = Reference.eval(result.values(), Sample.bind(x, v));
        Map<String, double[]> named = new LinkedHashMap<>();
        result.names().forEach(name -> named.put(name, y.get(result.get(name))));
        loop.add(named);
      }
      Params batched = Vmap.vmapAll(q -> results(shared.with(q)), mapped);
      Verifier.verify("vmap of " + s, batched.values());
      Map<Tensor, double[]> y = Reference.eval(batched.values(), values);
      for (String name : batched.names()) {
        for (int i = 0; i < INNER; i++) {
          Close.check(
              "%s: vmap over subset %s, '%s', slice %s".formatted(s, mask, name, i),
              loop.get(i).get(name),
              slice(y.get(batched.get(name)), i, INNER),
              Close.DOUBLE);
        }
      }
      gradOfVmap(loop);
    }

    /** The sample's value and the gradients of its loss. */
    private Params results(Params x) {
      Params g = Grad.grad(Loss.of(s, x), Loss.differentiable(s, x));
      return Params.of("value", s.f().apply(x)).with(g.under("grad"));
    }

    private void gradOfVmap(List<Map<String, double[]>> loop) {
      Tensor weights = Ops.literal(Shape.of(INNER), 1, -0.5, 0.25);
      Params variables = Loss.differentiable(s, all);
      Function<Params, Tensor> f =
          p -> {
            Params now = all.with(p);
            Tensor losses =
                Vmap.vmap(
                    q -> Loss.of(s.f().apply(part(s, now, mask, false).with(q))),
                    part(s, now, mask, true));
            return Ops.sum(Ops.mul(losses, weights));
          };
      Params g = Grad.grad(f, variables);
      Verifier.verify("grad of vmap of " + s, g.values());
      Map<Tensor, double[]> y = Reference.eval(g.values(), values);
      double[] w = Reference.eval(weights);
      for (int k = 0; k < s.args().size(); k++) {
        String name = s.args().get(k).name();
        if (!variables.names().contains(name)) {
          continue;
        }
        double[] actual = y.get(g.get(name));
        double[] sum = new double[has(mask, k) ? 0 : actual.length];
        for (int i = 0; i < INNER; i++) {
          double[] one = loop.get(i).get("grad." + name).clone();
          for (int j = 0; j < one.length; j++) {
            one[j] *= w[i];
            if (!has(mask, k)) {
              sum[j] += one[j];
            }
          }
          if (has(mask, k)) {
            Close.check(
                "%s: grad of vmap over subset %s, '%s', slice %s".formatted(s, mask, name, i),
                one,
                slice(actual, i, INNER),
                Close.DOUBLE);
          }
        }
        if (!has(mask, k)) {
          Close.check(
              "%s: grad of vmap over subset %s, shared '%s'".formatted(s, mask, name),
              sum,
              actual,
              Close.DOUBLE);
        }
      }
    }
  }

  private static void nested(Sample s, int outer, int inner) {
    Params all = Params.empty();
    Map<Tensor, double[]> values = new LinkedHashMap<>();
    for (int k = 0; k < s.args().size(); k++) {
      Arg a = s.args().get(k);
      Shape shape = has(inner, k) ? a.shape().prepend(INNER) : a.shape();
      shape = has(outer, k) ? shape.prepend(OUTER) : shape;
      int[] seeds = new int[(has(outer, k) ? OUTER : 1) * (has(inner, k) ? INNER : 1)];
      for (int i = 0; i < seeds.length; i++) {
        seeds[i] = has(inner, k) ? i : i * INNER;
      }
      Tensor t = Tensor.argument(a.name(), a.dtype(), shape);
      all = all.with(a.name(), t);
      values.put(t, stacked(s, a, seeds));
    }
    Params whole = all;
    Params outside = part(s, whole, outer, true);
    Tensor y =
        Vmap.vmap(
            p -> {
              Params slice = whole.with(p);
              return Vmap.vmap(q -> s.f().apply(slice.with(q)), part(s, slice, inner, true));
            },
            outside.names().contains("unused")
                ? Params.of("unused", Ops.fill(0, Shape.of(OUTER)))
                : outside);
    Verifier.verify("vmap of vmap of " + s, List.of(y));
    double[] actual = Reference.eval(y, values);
    Params x = s.placeholders();
    Tensor one = s.f().apply(x);
    for (int i = 0; i < OUTER; i++) {
      for (int j = 0; j < INNER; j++) {
        Map<String, double[]> v = new LinkedHashMap<>();
        for (int k = 0; k < s.args().size(); k++) {
          int seed = (has(outer, k) ? i : 0) * INNER + (has(inner, k) ? j : 0);
          v.put(s.args().get(k).name(), s.draw(s.args().get(k), seed));
        }
        Close.check(
            "%s: vmap over subset %s of vmap over subset %s, slice %s, %s"
                .formatted(s, outer, inner, i, j),
            Reference.eval(one, Sample.bind(x, v)),
            slice(actual, i * INNER + j, OUTER * INNER),
            Close.DOUBLE);
      }
    }
  }
}
