package io.quickstudy.benchmarks;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.learners.memory.BlackBoxLstm;
import io.quickstudy.learners.memory.Timeline;
import io.quickstudy.learners.metric.ProtoNet;
import io.quickstudy.nn.Norm;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is measured. One step is the loss and the meta-gradient of a batch of tasks that lie ready,
 * without the optimiser's update; of {@code adapt-latency}, the predictions of an adapted model.
 */
enum Workload {
  /** Second-order MAML on Omniglot, 15 queries for each class. */
  MAML_OMNIGLOT(Method.MAML, Net.STRIDED_28, Order.SECOND, 32, 5, 1, 15, 1, 0.2),
  /** The MAML paper's own setting: one query for each class. */
  MAML_OMNIGLOT_Q1(Method.MAML, Net.STRIDED_28, Order.SECOND, 32, 5, 1, 1, 1, 0.2),
  /** Second-order MAML on images of mini-ImageNet's size. */
  MAML_MINI(Method.MAML, Net.POOLED_84, Order.SECOND, 4, 5, 5, 15, 5, 3e-4),
  /** First-order MAML on Omniglot. */
  FOMAML_OMNIGLOT(Method.MAML, Net.STRIDED_28, Order.FIRST, 32, 5, 1, 15, 1, 0.2),
  /** First-order MAML on images of mini-ImageNet's size. */
  FOMAML_MINI(Method.MAML, Net.POOLED_84, Order.FIRST, 4, 5, 5, 15, 5, 3e-4),
  /** Second-order MAML on sinusoids, one inner step. */
  MAML_SINE_1(Method.MAML, Net.MLP, Order.SECOND, 25, 1, 10, 10, 1, 0.01),
  /** Second-order MAML on sinusoids, five inner steps. */
  MAML_SINE_5(Method.MAML, Net.MLP, Order.SECOND, 25, 1, 10, 10, 5, 0.01),
  /** Prototypical networks as they are trained for 1 shot. */
  PROTONET_60WAY(Method.PROTONET, Net.POOLED_28, Order.FIRST, 1, 60, 1, 5, 0, 0),
  /** Prototypical networks as they are trained for 5 shots. */
  PROTONET_20WAY(Method.PROTONET, Net.POOLED_28, Order.FIRST, 1, 20, 5, 15, 0, 0),
  /** Sequences of 50 images through an LSTM: 10 of each class. */
  LSTM_SEQUENCE(Method.LSTM, Net.LSTM, Order.FIRST, 16, 5, 10, 0, 0, 0),
  /** Sequences of 500 images: 100 of each class. */
  LSTM_SEQUENCE_500(Method.LSTM, Net.LSTM, Order.FIRST, 16, 5, 100, 0, 0, 0),
  /** One task, adapted to 25 images and asked for 75. */
  ADAPT_LATENCY(Method.ADAPT, Net.STRIDED_28, Order.FIRST, 1, 5, 5, 15, 1, 0.2);

  /** What is done with a task. */
  enum Method {
    /** MAML's loss and meta-gradient. */
    MAML,
    /** The loss and gradient of a prototypical network. */
    PROTONET,
    /** The loss and gradient of a sequence. */
    LSTM,
    /** MAML's predictions. */
    ADAPT
  }

  /**
   * How much there is of it.
   *
   * @param tasks of a step
   * @param shots examples of each class in the support set, or in a sequence
   * @param queries of each class
   */
  record Size(int tasks, int shots, int queries) {}

  /** Before the names of parameters and buffers. */
  static final String THETA = "theta.";

  /** Before the names of their gradients. */
  static final String GRAD = "grad.";

  private final Method method;
  private final Net net;
  private final Order order;
  private final int tasks;
  private final int ways;
  private final int shots;
  private final int queries;
  private final int innerSteps;
  private final double innerRate;

  Workload(
      Method method,
      Net net,
      Order order,
      int tasks,
      int ways,
      int shots,
      int queries,
      int innerSteps,
      double innerRate) {
    this.method = method;
    this.net = net;
    this.order = order;
    this.tasks = tasks;
    this.ways = ways;
    this.shots = shots;
    this.queries = queries;
    this.innerSteps = innerSteps;
    this.innerRate = innerRate;
  }

  /** What is done with a task. */
  Method method() {
    return method;
  }

  /** The network. */
  Net net() {
    return net;
  }

  /** Whether the outer gradient passes through the inner ones. */
  Order order() {
    return order;
  }

  /** Classes of a task. */
  int ways() {
    return ways;
  }

  /** What one step is timed on. */
  Size size() {
    return new Size(tasks, shots, queries);
  }

  /** A single task with few examples, of which every number can be compared sharply. */
  Size small() {
    return method == Method.LSTM || net == Net.MLP
        ? new Size(1, shots, queries)
        : new Size(1, 1, 1);
  }

  /** Inner gradient steps. */
  int innerSteps() {
    return innerSteps;
  }

  /**
   * The inner learning rate. It costs nothing, so it is chosen for a sharp comparison: large enough
   * for second-order terms to be a good part of the gradient, small enough for rounding not to be.
   */
  double innerRate() {
    return innerRate;
  }

  /** The learner. */
  Learner learner() {
    return learner(innerSteps);
  }

  /** The learner with another number of inner steps. */
  Learner learner(int steps) {
    return switch (method) {
      case MAML, ADAPT ->
          new Maml(
              net.model(ways),
              net == Net.MLP ? Criterion.SQUARED_ERROR : Criterion.CROSS_ENTROPY,
              innerRate,
              steps,
              order,
              net == Net.MLP ? Norm.Policy.NONE : Norm.Policy.TRANSDUCTIVE);
      case PROTONET -> new ProtoNet(net.backbone(), ways, Norm.Policy.RUNNING);
      case LSTM -> new BlackBoxLstm(new Timeline(net.example(), ways, true), net.width());
    };
  }

  /** The types of its episodes, all tasks together. */
  Map<String, Op.Type> inputs(Size size) {
    Map<String, Op.Type> m = new LinkedHashMap<>();
    if (method == Method.LSTM) {
      batch(m, "", size.tasks(), size.shots());
    } else {
      batch(m, "support.", size.tasks(), size.shots());
      batch(m, "query.", size.tasks(), size.queries());
    }
    return m;
  }

  private void batch(Map<String, Op.Type> m, String set, int count, int each) {
    Shape n = Shape.of(count, ways * each);
    m.put(set + "x", new Op.Type(n.append(net.example().dims()), DType.F32));
    m.put(
        set + "y",
        net == Net.MLP ? new Op.Type(n.append(1), DType.F32) : new Op.Type(n, DType.I32));
  }

  /** What it is, for its file. */
  Map<String, String> metadata() {
    Map<String, String> m = new LinkedHashMap<>();
    m.put(CaseFile.WORKLOAD, toString());
    m.put("ways", Integer.toString(ways));
    m.put("inner_steps", Integer.toString(innerSteps));
    m.put("inner_rate", Double.toString(innerRate));
    m.put("order", order.name().toLowerCase(Locale.ROOT));
    m.put("norm", learner().norm().toString());
    return m;
  }

  /** The name used everywhere. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The workload of a name.
   *
   * @throws BenchmarkException if there is none
   */
  static Workload of(String name) {
    return Arrays.stream(values())
        .filter(w -> w.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new BenchmarkException(
                    "Workload '%s' is not known: expected one of %s."
                        .formatted(name, List.of(values()))));
  }
}
