package io.quickstudy.suite;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.WithClassifier;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Loss and meta-gradient of second-order MAML, with numbers for the arguments.
 *
 * @param outputs the gradient, then the loss
 * @param arguments parameters, then what has the task axis
 * @param tasks its extent, which no parameter's leading axis has
 */
public record MetaStepSample(List<Tensor> outputs, Map<Tensor, double[]> arguments, int tasks) {
  private static final int WAYS = 5;

  /** A small one with four tasks. */
  public static MetaStepSample small() {
    return of(
        new ConvNet(12, 12, 1, 6, 2, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN), 4, 2, 6, 3);
  }

  /** Sinusoids: so many tasks and inner steps, 10 examples and as many queries. */
  public static MetaStepSample sinusoids(int tasks, int innerSteps, int hidden) {
    Maml maml =
        new Maml(
            new Mlp(List.of(1, hidden, hidden, 1)),
            Criterion.SQUARED_ERROR,
            0.01,
            innerSteps,
            Order.SECOND,
            Norm.Policy.NONE);
    return of(maml, new Task(numbers(10), numbers(10)).pack(), tasks);
  }

  /** A network, so many tasks, inner steps, and examples and queries of each class. */
  private static MetaStepSample of(ConvNet net, int tasks, int innerSteps, int shots, int queries) {
    WithClassifier f = new WithClassifier(net, new Linear(net.features(), WAYS));
    Maml maml =
        new Maml(
            f, Criterion.CROSS_ENTROPY, 0.1, innerSteps, Order.SECOND, Norm.Policy.TRANSDUCTIVE);
    int[] image = {net.height(), net.width(), net.channels()};
    Params slots = new Task(labelled(WAYS * shots, image), labelled(WAYS * queries, image)).pack();
    return of(maml, slots, tasks);
  }

  private static MetaStepSample of(Maml maml, Params slots, int tasks) {
    SplittableRandom random = new SplittableRandom(4);
    Map<Tensor, double[]> values = new LinkedHashMap<>();
    Params init = maml.init(new Init(5));
    Params theta = init.map(t -> Tensor.argument("theta", t.dtype(), t.shape()));
    for (String n : init.names()) {
      values.put(theta.get(n), Reference.rounded(Reference.eval(init.get(n))));
    }
    Params parts = slots.map(t -> Tensor.argument("task", t.dtype(), t.shape().prepend(tasks)));
    for (Tensor t : parts.values()) {
      double[] x = new double[t.shape().size()];
      for (int i = 0; i < x.length; i++) {
        x[i] = t.dtype() == DType.I32 ? i % WAYS : (float) (2 * random.nextDouble() - 1);
      }
      values.put(t, x);
    }
    Grad.Result<Void> r =
        Grad.valueAndGrad(
            p -> Ops.mean(Vmap.vmap(x -> maml.loss(p, Task.unpack(x)).loss(), parts)), theta);
    List<Tensor> outputs = new ArrayList<>(r.grad().values());
    outputs.add(r.value());
    return new MetaStepSample(outputs, values, tasks);
  }

  private static Batch numbers(int n) {
    return new Batch(
        Tensor.argument("x", DType.F32, Shape.of(n, 1)),
        Tensor.argument("y", DType.F32, Shape.of(n, 1)));
  }

  private static Batch labelled(int n, int... image) {
    return new Batch(
        Tensor.argument("x", DType.F32, Shape.of(n).append(image)),
        Tensor.argument("y", DType.I32, Shape.of(n)));
  }
}
