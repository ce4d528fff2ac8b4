package io.quickstudy.learners;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.backend.cuda.CudaCandidate;
import io.quickstudy.check.Batching;
import io.quickstudy.check.Comparison;
import io.quickstudy.check.Deviation;
import io.quickstudy.check.Differences;
import io.quickstudy.check.MetaGradient;
import io.quickstudy.check.Subject;
import io.quickstudy.check.TaskShape;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learners.bayesian.Alpaca;
import io.quickstudy.learners.bayesian.Bmaml;
import io.quickstudy.learners.bayesian.Emaml;
import io.quickstudy.learners.bayesian.Platipus;
import io.quickstudy.learners.bayesian.Versa;
import io.quickstudy.learners.closed.LogisticHead;
import io.quickstudy.learners.closed.RidgeHead;
import io.quickstudy.learners.closed.SvmHead;
import io.quickstudy.learners.gradient.Anil;
import io.quickstudy.learners.gradient.Cavia;
import io.quickstudy.learners.gradient.Conditioning;
import io.quickstudy.learners.gradient.ImplicitMaml;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.gradient.MamlPlusPlus;
import io.quickstudy.learners.inner.InnerLoop;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.learners.inner.Part;
import io.quickstudy.learners.inner.Rates;
import io.quickstudy.learners.inner.StepNorm;
import io.quickstudy.learners.memory.BlackBoxLstm;
import io.quickstudy.learners.memory.Controller;
import io.quickstudy.learners.memory.GeneratedHead;
import io.quickstudy.learners.memory.LstmMetaLearner;
import io.quickstudy.learners.memory.Mann;
import io.quickstudy.learners.memory.MetaNetworks;
import io.quickstudy.learners.memory.NeuralTuringMachine;
import io.quickstudy.learners.memory.Snail;
import io.quickstudy.learners.memory.Timeline;
import io.quickstudy.learners.metric.GraphNet;
import io.quickstudy.learners.metric.Matching;
import io.quickstudy.learners.metric.ProtoNet;
import io.quickstudy.learners.metric.Relation;
import io.quickstudy.nn.Cell;
import io.quickstudy.nn.CellNet;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.FeatureScale;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.Standardised;
import io.quickstudy.nn.WithClassifier;
import io.quickstudy.reference.Reference;
import io.quickstudy.suite.Candidate;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Labelling;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every learner's whole meta-gradient, over a batch of tasks. */
public class MetaGradientTest {
  private static final int TASKS = 3;
  private static final int WAYS = 3;

  /** Of the initial parameters. */
  private static final long INIT = 5;

  /** A seed whose tasks put no ReLU or pooling window so near its kink that rounding decides. */
  private static final long CLEAR = 2;

  private static List<Subject> cases() {
    List<Subject> out = new ArrayList<>();
    for (ConvNet.Down down : ConvNet.Down.values()) {
      for (ConvNet.Head head : ConvNet.Head.values()) {
        ConvNet net = new ConvNet(7, 6, 2, 3, 2, down, head);
        String with = " " + down + " " + head;
        for (Norm.Policy norm : List.of(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT)) {
          Learner second = maml(net, 2, Order.SECOND, norm);
          out.add(images("MAML " + norm + with, second));
        }
        for (Norm.Policy norm :
            List.of(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT, Norm.Policy.RUNNING)) {
          out.add(images("ProtoNet " + norm + with, new ProtoNet(net, WAYS, norm)));
        }
        for (Norm.Policy norm :
            List.of(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT, Norm.Policy.RUNNING)) {
          out.add(images("Relation " + norm + with, new Relation(net, WAYS, 3, norm)));
        }
        Learner first = maml(net, 1, Order.FIRST, Norm.Policy.TRANSDUCTIVE);
        out.add(images("FOMAML" + with, first).firstOrder());
      }
    }
    ConvNet small = new ConvNet(7, 6, 2, 3, 2, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN);
    for (ProtoNet.Distance d : ProtoNet.Distance.values()) {
      for (ProtoNet.TemperatureMode m : ProtoNet.TemperatureMode.values()) {
        Learner l = new ProtoNet(small, WAYS, new ProtoNet.Options(d, 0.5, m), Norm.Policy.RUNNING);
        out.add(images("ProtoNet " + d + ", temperature 0.5 " + m, l));
      }
    }
    for (Matching.Context context : Matching.Context.values()) {
      for (Norm.Policy norm :
          List.of(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT, Norm.Policy.RUNNING)) {
        Matching.Options o = new Matching.Options(context, 2, 5);
        out.add(images("Matching " + context + " " + norm, new Matching(small, WAYS, o, norm)));
      }
    }
    Mlp vectors = new Mlp(List.of(6, 5, 12)); // so many that no pair has none above 0
    out.add(
        Subject.of(
                new Relation(vectors, WAYS, 3, Norm.Policy.NONE), TaskShape.episode(WAYS, 2, 1, 6))
            .named("Relation of vectors"));
    // an episode of two tasks of a graph each
    GraphNet.Options graphs = new GraphNet.Options(4, 4, 2, 2);
    Learner cut = new InTraining(new GraphNet(small, 4, graphs, Norm.Policy.RUNNING));
    out.add(Subject.of(cut, TaskShape.episode(4, 2, 1, 7, 6, 2)).named("GNN of two tasks"));
    Learner sequences =
        new InTraining(new Snail(small, 4, new Snail.Options(3, 4, 4, 2), Norm.Policy.RUNNING));
    out.add(Subject.of(sequences, TaskShape.episode(4, 2, 1, 7, 6, 2)).named("SNAIL of two tasks"));
    for (GeneratedHead.Head head : GeneratedHead.Head.values()) {
      GeneratedHead.Options heads = new GeneratedHead.Options(3, 4, head, 5, 2);
      Learner l = new InTraining(new GeneratedHead(small, 4, heads, Norm.Policy.RUNNING));
      out.add(
          Subject.of(l, TaskShape.episode(4, 2, 1, 7, 6, 2))
              .named("generated head of two tasks, " + head));
    }
    // with maps that the relation module pools
    ConvNet wide =
        new ConvNet(
            8, 8, 1, 3, 2, ConvNet.Down.MAX_POOL, 1, ConvNet.Head.FLATTEN, FeatureScale.UNIT);
    out.add(
        Subject.of(
                new Relation(wide, WAYS, 3, Norm.Policy.TRANSDUCTIVE),
                TaskShape.episode(WAYS, 2, 1, 8, 8, 1))
            .named("Relation on maps"));
    Learner sine =
        new Maml(
            new Mlp(List.of(1, 5, 4, 1)),
            Criterion.SQUARED_ERROR,
            0.1,
            3,
            Order.SECOND,
            Norm.Policy.NONE);
    out.add(Subject.of(sine, TaskShape.points(4, 5, 1, 1)).named("MAML regression"));
    out.addAll(steps(small));
    CellNet cells =
        new CellNet(
            8,
            8,
            1,
            Cell.parse("conv3(in)+max3(in); conv1(b1)+mean3(in); conv5(in)+same(b1)"),
            2,
            2,
            FeatureScale.UNIT);
    Learner found =
        new Maml(
            new WithClassifier(cells, new Linear(cells.features(), WAYS)),
            Criterion.CROSS_ENTROPY,
            0.4,
            1,
            Order.SECOND,
            Norm.Policy.TRANSDUCTIVE);
    out.add(Subject.of(found, TaskShape.episode(WAYS, 2, 1, 8, 8, 1)).named("MAML of cells"));
    out.addAll(contexts(small));
    out.addAll(priors(small));
    out.addAll(updates(small));
    out.addAll(solved(small));
    for (Order order : Order.values()) {
      // small: each number of a gradient has a kink
      MetaNetworks.Options o =
          new MetaNetworks.Options(
              2, 2, 2, 3, 2, MetaNetworks.RepresentationLoss.CROSS_ENTROPY, order, 4);
      Learner l = new MetaNetworks(Shape.of(4, 4, 1), WAYS, o);
      Subject s =
          Subject.of(l, TaskShape.episode(WAYS, 1, 1, 4, 4, 1))
              .named("meta networks, order " + order);
      out.add(order == Order.FIRST ? s.firstOrder() : s);
    }
    BlackBoxLstm lstm = new BlackBoxLstm(new Timeline(Shape.of(2, 3), WAYS, true), 4);
    out.add(Subject.of(lstm, TaskShape.sequence(WAYS, 7, 2, 3)).named("LSTM"));
    out.add(Subject.of(lstm, TaskShape.episode(WAYS, 2, 1, 2, 3)).named("LSTM on tasks"));
    out.addAll(memories());
    out.addAll(behind(small));
    out.addAll(distributions(small));
    return out;
  }

  /** Learners that draw samples, with more steps than the built-in check has. */
  private static List<Subject> distributions(ConvNet small) {
    List<Subject> out = new ArrayList<>();
    TaskShape points = TaskShape.points(4, 5, 1, 2);
    Alpaca.Options alpaca = new Alpaca.Options(0.3, Alpaca.NoiseMode.LEARNED, 1);
    out.add(
        Subject.of(new Alpaca(new Mlp(List.of(1, 5, 3)), 2, alpaca, Norm.Policy.NONE), points)
            .named("ALPaCA from 1 point on"));
    Versa.Options versa = new Versa.Options(List.of(4), 3);
    for (Norm.Policy norm : List.of(Norm.Policy.RUNNING, Norm.Policy.SUPPORT)) {
      out.add(images("VERSA " + norm, new Versa(small, WAYS, versa, norm)));
    }
    Model net = new WithClassifier(small, new Linear(small.features(), WAYS));
    InnerLoop inner =
        new InnerLoop(net, Criterion.CROSS_ENTROPY, 2, 0.3, Order.SECOND, Norm.Policy.SUPPORT);
    Platipus.Options platipus = new Platipus.Options(2, 0.3, 2, 0.1, 0.2, 0.3, 0.5);
    out.add(images("PLATIPUS with 2 steps", new Platipus(inner, platipus)));
    out.add(images("EMAML of 2 members", new Emaml(inner, 2)));
    for (String adapts : List.of(Part.ALL, Part.HEAD)) {
      Bmaml.Options o = new Bmaml.Options(3, 2, 1, 0.05, 0, adapts, Bmaml.Objective.LIKELIHOOD);
      Learner l =
          new Bmaml(
              net, Criterion.CROSS_ENTROPY, Part.of(adapts, net), o, Norm.Policy.TRANSDUCTIVE);
      out.add(images("BMAML of " + adapts, l));
    }
    return out;
  }

  /** Outer memories, of few rows. */
  private static List<Subject> memories() {
    Timeline images = new Timeline(Shape.of(2, 3), WAYS, true);
    Timeline bits = new Timeline(Shape.of(3), 2, false);
    List<Subject> out = new ArrayList<>();
    for (Mann.Strength strength : Mann.Strength.values()) {
      Mann mann = new Mann(images, new Mann.Options(4, 5, 3, 2, 0.9, strength, Mann.Written.KEY));
      Subject s = Subject.of(mann, TaskShape.sequence(WAYS, 5, 2, 3));
      out.add(s.named("MANN, strength " + strength));
    }
    for (Controller.Kind controller : Controller.Kind.values()) {
      NeuralTuringMachine.Options o = new NeuralTuringMachine.Options(controller, 4, 5, 3, 2, 1, 1);
      NeuralTuringMachine f = new NeuralTuringMachine(bits, o);
      out.add(Subject.of(f, TaskShape.signal(5, 3, 2)).named("NTM " + controller));
    }
    out.add(Subject.of(new BlackBoxLstm(bits, 4), TaskShape.signal(5, 3, 2)).named("LSTM, bits"));
    return out;
  }

  /** Networks over time behind a model of images. */
  private static List<Subject> behind(ConvNet small) {
    Timeline embedded =
        new Timeline(
            Optional.of(new Standardised(small)),
            Norm.Policy.SUPPORT,
            Shape.of(7, 6, 2),
            WAYS,
            true,
            Labelling.ONE_HOT);
    Mann mann =
        new Mann(
            embedded, new Mann.Options(4, 5, 4, 2, 0.9, Mann.Strength.EMITTED, Mann.Written.PAIR));
    return List.of(
        Subject.of(mann, TaskShape.sequence(WAYS, 5, 7, 6, 2)).named("MANN behind a model"),
        images("MANN behind a model, on tasks", mann),
        images("LSTM behind a model, on tasks", new BlackBoxLstm(embedded, 4)));
  }

  /** What inner loops may choose. */
  private static List<Subject> steps(ConvNet net) {
    WithClassifier f = new WithClassifier(net, new Linear(net.features(), WAYS));
    List<Subject> out = new ArrayList<>();
    for (String part : List.of(Part.HEAD, Part.BODY, "(conv2|classifier)[.].*")) {
      Rates alpha = Rates.fixed(0.4);
      out.add(images("adapting " + part, new Anil(loop(f, part, alpha, StepNorm.shared()))));
    }
    for (Rates.Learned rates : Rates.Learned.values()) {
      Rates alpha = rates.rates(2, 0.4);
      out.add(images("rates " + rates, new Maml(loop(f, Part.ALL, alpha, StepNorm.shared()))));
    }
    for (StepNorm.Gains gains : StepNorm.Gains.values()) {
      for (StepNorm.Statistics kept : StepNorm.Statistics.values()) {
        StepNorm norm = new StepNorm(gains, kept, 2);
        InnerLoop inner = loop(f, Part.ALL, Rates.Learned.LAYER_STEP.rates(2, 0.4), norm);
        MamlPlusPlus.Options o =
            new MamlPlusPlus.Options(2, 0.4, Rates.Learned.LAYER_STEP, gains, 10, 0);
        Learner l = new MamlPlusPlus(inner, o, MamlPlusPlus.MultiStep.ALL);
        out.add(images("MAML++, gains %s, statistics %s".formatted(gains, kept), l));
      }
    }
    return out;
  }

  private static InnerLoop loop(WithClassifier f, String part, Rates rates, StepNorm norm) {
    Norm.Policy policy =
        norm.statistics() == StepNorm.Statistics.OWN
            ? Norm.Policy.PER_STEP
            : Norm.Policy.TRANSDUCTIVE;
    return new InnerLoop(
        f,
        Criterion.CROSS_ENTROPY,
        2,
        Part.of(part, f),
        rates,
        Order.SECOND,
        norm,
        policy,
        0.05); // below the loss, so that all steps are taken
  }

  /**
   * Of as many channels as the CPU has convolutions by Winograd's algorithm for, whose roundings go
   * into the second order.
   */
  private static List<Subject> wide() {
    ConvNet net = new ConvNet(8, 8, 2, 32, 2, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN);
    TaskShape task = TaskShape.episode(WAYS, 2, 2, 8, 8, 2);
    List<Subject> out = new ArrayList<>();
    for (Norm.Policy norm : List.of(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT)) {
      Learner second = maml(net, 2, Order.SECOND, norm);
      out.add(Subject.of(second, task).named("wide MAML " + norm));
    }
    Learner proto = new ProtoNet(net, WAYS, Norm.Policy.RUNNING);
    out.add(Subject.of(proto, task).named("wide ProtoNet"));
    ConvNet strided = new ConvNet(16, 16, 1, 64, 2, ConvNet.Down.STRIDE, ConvNet.Head.FLATTEN);
    Learner second = maml(strided, 1, Order.SECOND, Norm.Policy.TRANSDUCTIVE);
    TaskShape many = TaskShape.episode(WAYS, 4, 4, 16, 16, 1);
    out.add(Subject.of(second, many).named("wide MAML, strided"));
    return out;
  }

  /** A learner whose episodes of training are not tasks that it could be asked. */
  private record InTraining(Learner of) implements Learner {
    @Override
    public Params init(Init draw) {
      return of.init(draw);
    }

    @Override
    public Outcome loss(Params theta, Task task) {
      return of.loss(theta, task);
    }

    @Override
    public Params adapt(Params theta, Batch support) {
      return Params.of("classes", Ops.fill(0, Shape.of(4)));
    }

    @Override
    public Tensor predict(Params adapted, Tensor queries) {
      return Ops.repeat(adapted.get("classes"), queries.dim(0));
    }

    @Override
    public Norm.Policy norm() {
      return of.norm();
    }
  }

  private static Learner maml(ConvNet net, int steps, Order order, Norm.Policy norm) {
    WithClassifier f = new WithClassifier(net, new Linear(net.features(), WAYS));
    return new Maml(f, Criterion.CROSS_ENTROPY, 0.4, steps, order, norm);
  }

  private static List<Subject> contexts(ConvNet net) {
    List<Subject> out = new ArrayList<>();
    Cavia regression =
        new Cavia(
            new Mlp(List.of(1 + 2, 5, 4, 1)),
            new Conditioning.Input(2),
            Criterion.SQUARED_ERROR,
            0.4,
            3,
            Order.SECOND,
            Norm.Policy.NONE,
            0);
    out.add(Subject.of(regression, TaskShape.points(4, 5, 1, 1)).named("CAVIA regression"));
    for (Norm.Policy norm : List.of(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT)) {
      out.add(images("CAVIA " + norm, cavia(net, "norm1", Order.SECOND, norm)));
    }
    Learner head = cavia(net, "classifier", Order.SECOND, Norm.Policy.SUPPORT);
    out.add(images("CAVIA at the classifier", head));
    Learner first = cavia(net, "norm2", Order.FIRST, Norm.Policy.TRANSDUCTIVE);
    out.add(images("CAVIA of first order", first).firstOrder());
    return out;
  }

  private static Learner cavia(ConvNet net, String layer, Order order, Norm.Policy norm) {
    WithClassifier f = new WithClassifier(net, new Linear(net.features(), WAYS));
    Conditioning how = Conditioning.Film.behind(f, layer, 4);
    return new Cavia(f, how, Criterion.CROSS_ENTROPY, 0.4, 2, order, norm, 0);
  }

  /** So strong priors that a few steps solve the inner problem to rounding. */
  private static List<Subject> priors(ConvNet net) {
    WithClassifier f = new WithClassifier(net, new Linear(net.features(), WAYS));
    List<Subject> out = new ArrayList<>();
    for (ImplicitMaml.Solver solver : ImplicitMaml.Solver.values()) {
      for (ImplicitMaml.OuterGradient outer : ImplicitMaml.OuterGradient.values()) {
        boolean newton = solver == ImplicitMaml.Solver.HESSIAN_FREE;
        ImplicitMaml.Options o =
            new ImplicitMaml.Options(
                1e4, solver, newton ? 2 : 4, 1e-4, ImplicitMaml.Prior.EACH, outer, 4, 0);
        Norm.Policy norm = newton ? Norm.Policy.SUPPORT : Norm.Policy.TRANSDUCTIVE;
        Learner l = new ImplicitMaml(f, Criterion.CROSS_ENTROPY, o, norm);
        out.add(images("iMAML " + solver + " " + outer + " " + norm, l));
      }
    }
    return out;
  }

  /** Of an LSTM, through its gradients and losses and not. */
  private static List<Subject> updates(ConvNet net) {
    WithClassifier f = new WithClassifier(net, new Linear(net.features(), WAYS));
    List<Subject> out = new ArrayList<>();
    for (Norm.Policy norm : List.of(Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)) {
      LstmMetaLearner.Options o = new LstmMetaLearner.Options(2, 4, 3, 0.3, 0.9, Order.SECOND);
      Learner l = new LstmMetaLearner(f, Criterion.CROSS_ENTROPY, o, norm);
      out.add(images("LSTM meta-learner " + norm, l));
    }
    LstmMetaLearner.Options first = new LstmMetaLearner.Options(2, 0, 3, 0.3, 0.9, Order.FIRST);
    Learner l = new LstmMetaLearner(f, Criterion.CROSS_ENTROPY, first, Norm.Policy.SUPPORT);
    out.add(images("LSTM meta-learner of first order", l).firstOrder());
    return out;
  }

  /** Heads that are solved, by the system of the examples and by that of the features. */
  private static List<Subject> solved(ConvNet net) {
    ConvNet wider = new ConvNet(7, 6, 2, 7, 2, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN);
    RidgeHead.Options o = new RidgeHead.Options(0.1, 4);
    List<Subject> out = new ArrayList<>();
    for (Norm.Policy norm :
        List.of(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT, Norm.Policy.RUNNING)) {
      out.add(images("R2-D2 " + norm, new RidgeHead(wider, WAYS, o, norm)));
      out.add(images("R2-D2 of few features " + norm, new RidgeHead(net, WAYS, o, norm)));
    }
    for (LogisticHead.Through through : LogisticHead.Through.values()) {
      LogisticHead.Options logistic = new LogisticHead.Options(0.3, 8, through);
      Norm.Policy norm = Norm.Policy.RUNNING;
      String name = "LR-D2, " + through;
      out.add(images(name, new LogisticHead(wider, WAYS, logistic, norm)));
      out.add(images(name + " of few features", new LogisticHead(net, WAYS, logistic, norm)));
    }
    for (SvmHead.Classifier head : SvmHead.Classifier.values()) {
      SvmHead.Options svm = new SvmHead.Options(head, 0.3, 0.5, 3, 20, 1e-4);
      out.add(images("MetaOptNet " + head, new SvmHead(wider, WAYS, svm, Norm.Policy.RUNNING)));
    }
    return out;
  }

  private static Subject images(String name, Learner learner) {
    return Subject.of(learner, TaskShape.episode(WAYS, 2, 1, 7, 6, 2)).named(name);
  }

  private static MetaGradient traced(Subject s) {
    return new MetaGradient(s, TASKS, INIT);
  }

  @TestFactory
  Stream<DynamicTest> isThatOfDifferences() {
    return cases().stream()
        .filter(s -> s.gradient() == Subject.Gradient.EXACT)
        .map(s -> passes(s, m -> Differences.compare(m, 0)));
  }

  @TestFactory
  Stream<DynamicTest> aBatchIsTheMeanOfItsTasks() {
    return cases().stream().map(s -> passes(s, m -> Batching.compare(m, CLEAR)));
  }

  private static DynamicTest passes(Subject s, Function<MetaGradient, Comparison> check) {
    return dynamicTest(
        s.name(),
        () -> {
          Comparison c = check.apply(traced(s));
          assertTrue(c.passed(), c.toString());
        });
  }

  @TestFactory
  @Tag("cpu")
  Stream<DynamicTest> onTheCpuIsThatOfTheReference() {
    return Stream.concat(cases().stream(), wide().stream())
        .map(
            c ->
                dynamicTest(
                    c.name(),
                    () -> {
                      MetaGradient m = traced(c);
                      List<double[]> one = near(new CpuCandidate(1), m);
                      same(one, near(new CpuCandidate(2), m));
                    }));
  }

  /** What each case is called, and its check of what a backend computes. */
  public static Map<String, Consumer<Candidate>> checks() {
    Map<String, Consumer<Candidate>> out = new LinkedHashMap<>();
    cases().forEach(c -> out.put(c.name(), backend -> near(backend, traced(c))));
    return out;
  }

  @TestFactory
  @Tag("cuda")
  Stream<DynamicTest> onCudaIsThatOfTheReference() {
    return on(CudaCandidate.FP32, c -> true);
  }

  /** Whose filters are shared by all tasks: cuDNN's work. */
  @TestFactory
  @Tag("cuda")
  Stream<DynamicTest> byCudnnIsThatOfTheReference() {
    return on(
        CudaCandidate.DNN, c -> c.learner() instanceof ProtoNet || c.name().startsWith("MAML SUP"));
  }

  private static Stream<DynamicTest> on(List<Candidate> candidates, Predicate<Subject> which) {
    return candidates.stream()
        .flatMap(
            cuda ->
                cases().stream()
                    .filter(which)
                    .map(
                        c ->
                            dynamicTest(
                                cuda.name() + ": " + c.name(), () -> near(cuda, traced(c)))));
  }

  @Test
  void onCudaInChunksItIsThatOfTheReference() {
    CudaCandidate.inChunksOf(1, TASKS).forEach(c -> near(c, traced(cases().get(0))));
  }

  /**
   * Against the reference with operands rounded in the same places, and not against the one in
   * double precision, which is on the other side of some kinks.
   */
  @TestFactory
  @Tag("cuda")
  Stream<DynamicTest> onTensorCoresIsThatOfTheRoundedReference() {
    Subject c = cases().get(0);
    return CudaCandidate.TF32.stream()
        .map(
            cuda ->
                dynamicTest(
                    cuda.name() + ": " + c.name(),
                    () -> {
                      MetaGradient m = traced(c);
                      Map<Tensor, double[]> values = m.draw(CLEAR);
                      cuda.ways(m.outputs(), values)
                          .forEach(
                              (way, y) -> {
                                String what = cuda.name() + ", " + way;
                                near(what, m, values, y, Reference.Precision.TF32, Deviation.TF32);
                              });
                    }));
  }

  /** What a backend computes, which is near what the reference does. */
  private static List<double[]> near(Candidate candidate, MetaGradient m) {
    Map<Tensor, double[]> values = m.draw(CLEAR);
    List<double[]> actual = candidate.run(m.outputs(), values);
    near(candidate.name(), m, values, actual, Reference.Precision.DOUBLE, Deviation.FLOAT);
    return actual;
  }

  private static void near(
      String what,
      MetaGradient m,
      Map<Tensor, double[]> values,
      List<double[]> actual,
      Reference.Precision precision,
      double tolerance) {
    Deviation d = Deviation.of(m, Reference.eval(m.outputs(), values, precision), actual);
    assertTrue(d.relative() <= tolerance, what + ": " + d);
  }

  private static void same(List<double[]> one, List<double[]> two) {
    for (int i = 0; i < one.size(); i++) {
      assertArrayEquals(one.get(i), two.get(i), "output " + i + " with one worker and two");
    }
  }
}
