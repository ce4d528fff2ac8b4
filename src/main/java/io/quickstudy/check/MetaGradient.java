package io.quickstudy.check;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Graphs;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A learner's mean loss over a batch of tasks and its gradient, as a graph of placeholders. */
public final class MetaGradient {
  private final Subject subject;
  private final int count;
  private final Map<String, double[]> start = new LinkedHashMap<>();
  private final Params theta;
  private final Params tasks;
  private final Traced traced;

  /** The loss and its gradient by the parameters that are trained, under their names. */
  record Traced(Tensor loss, Params gradient) {
    /** The gradient in the order of its names, then the loss. */
    List<Tensor> outputs() {
      List<Tensor> out = new ArrayList<>(gradient.values());
      out.add(loss);
      return out;
    }
  }

  /**
   * Traces a learner.
   *
   * @param count tasks of the batch
   * @param seed of the initial parameters
   * @throws CheckException if it is no learner for such tasks
   */
  public MetaGradient(Subject subject, int count, long seed) {
    this.subject = subject;
    this.count = count;
    Tracing tracing = new Tracing(subject);
    Params init = tracing.call("init", () -> subject.learner().init(new Init(seed)));
    Map<Tensor, double[]> values =
        tracing.call("init", () -> Reference.eval(init.values(), Map.of()));
    init.names().forEach(n -> start.put(n, Reference.rounded(values.get(init.get(n)))));
    this.theta = arguments(init);
    if (trainable(theta).count() == 0) {
      throw new CheckException(
          "Learner '%s' has no parameters to train: expected one at least; give it one in init."
              .formatted(subject.name()));
    }
    this.tasks =
        subject
            .task()
            .parts()
            .map(t -> Tensor.argument("task", t.dtype(), t.shape().prepend(count)));
    tracing.shapes(theta);
    this.traced = tracing.call("its gradient over a batch", () -> trace(theta, tasks));
  }

  private static Params arguments(Params like) {
    Map<String, Tensor> m = new LinkedHashMap<>();
    like.names()
        .forEach(n -> m.put(n, Tensor.argument(n, like.get(n).dtype(), like.get(n).shape())));
    return Params.of(m);
  }

  private static Params trainable(Params theta) {
    Map<String, Tensor> m = new LinkedHashMap<>();
    theta.names().stream().filter(n -> !Norm.isBuffer(n)).forEach(n -> m.put(n, theta.get(n)));
    return Params.of(m);
  }

  /** The same graph of other placeholders. */
  Traced trace(Params at, Params batch) {
    Grad.Result<Void> r =
        Grad.valueAndGrad(
            p -> Ops.mean(Vmap.vmap(one -> loss(at.with(p), one), batch)), trainable(at));
    return new Traced(r.value(), r.grad());
  }

  /** The loss on one task. */
  Tensor loss(Params at, Params parts) {
    return subject.task().outcome(subject.learner(), at, parts).loss();
  }

  /** What is checked. */
  Subject subject() {
    return subject;
  }

  /** Tasks of the batch. */
  int count() {
    return count;
  }

  /** Placeholders of all parameters, buffers among them. */
  Params theta() {
    return theta;
  }

  /** Placeholders of those that are trained. */
  Params trainable() {
    return trainable(theta);
  }

  /** Placeholders of the batch. */
  Params tasks() {
    return tasks;
  }

  /** The mean loss over the batch. */
  public Tensor loss() {
    return traced.loss;
  }

  /** Its gradient, under the parameters' names. */
  public Params gradient() {
    return traced.gradient;
  }

  /** The gradient in the order of its names, then the loss. */
  public List<Tensor> outputs() {
    return traced.outputs();
  }

  /**
   * The initial parameters and a batch of tasks, by placeholder; exact as 32-bit floats.
   *
   * @param seed of the tasks
   */
  public Map<Tensor, double[]> draw(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<Tensor, double[]> values = new LinkedHashMap<>();
    theta.names().forEach(n -> values.put(theta.get(n), start.get(n)));
    for (String name : tasks.names()) {
      Tensor t = tasks.get(name);
      double[] x = new double[t.shape().size()];
      for (int i = 0; i < x.length; i++) {
        boolean label = t.dtype() == DType.I32;
        x[i] = label ? subject.task().label(name, i, t.dim(-1)) : (float) number(random);
      }
      values.put(t, x);
    }
    return values;
  }

  private static double number(SplittableRandom random) {
    return 2 * random.nextDouble() - 1;
  }

  /**
   * Refuses a loss or gradient that is no number.
   *
   * @throws CheckException naming the first op that gives none
   */
  void finite(long seed) {
    Map<Tensor, double[]> values = draw(seed);
    refuse("loss", List.of(traced.loss), values, seed);
    refuse("gradient", traced.gradient.values(), values, seed);
  }

  private void refuse(
      String what, Collection<Tensor> roots, Map<Tensor, double[]> values, long seed) {
    if (Reference.eval(roots, values).values().stream().allMatch(MetaGradient::finite)) {
      return;
    }
    List<Tensor> order = Graphs.order(roots);
    Map<Tensor, double[]> all = Reference.eval(order, values);
    String first =
        order.stream()
            .filter(t -> !(t.op() instanceof Leaf) && !finite(all.get(t)))
            .findFirst()
            .map(t -> ", first in " + t.op() + " of " + t.dtype() + t.shape())
            .orElse("");
    throw new CheckException(
        ("The %s of learner '%s' is no number on tasks of seed %s%s: expected a finite one; keep"
                + " what goes into logarithms, square roots and divisions away from 0.")
            .formatted(what, subject.name(), seed, first));
  }

  private static boolean finite(double[] x) {
    return Arrays.stream(x).allMatch(Double::isFinite);
  }

  /** The parameters whose gradient is exactly 0 in every number, on two batches of tasks. */
  List<String> unreached(long seed) {
    List<String> out = new ArrayList<>(traced.gradient.names());
    for (long s = seed; s < seed + 2; s++) {
      Map<Tensor, double[]> g = Reference.eval(traced.gradient.values(), draw(s));
      out.removeIf(n -> Arrays.stream(g.get(traced.gradient.get(n))).anyMatch(v -> v != 0));
    }
    return out;
  }
}
