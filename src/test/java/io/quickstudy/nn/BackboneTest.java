package io.quickstudy.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.Precision;
import io.quickstudy.check.CheckOptions;
import io.quickstudy.check.CheckReport;
import io.quickstudy.check.LearnerCheck;
import io.quickstudy.check.Subject;
import io.quickstudy.check.TaskShape;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.learners.metric.ProtoNet;
import io.quickstudy.reference.Reference;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Residual networks: against PyTorch's outputs, against differences, and by what they refuse. */
class BackboneTest {
  private static final Shape SMALL = Shape.of(9, 8, 2);
  private static final List<Integer> WIDTHS = List.of(64, 160, 320, 640);
  private static final List<Integer> STAGES = List.of(64, 128, 256, 512);

  private static ResNet12 resnet12(Shape example, List<Integer> widths, ConvNet.Head head) {
    return new ResNet12(example, widths, head, 0.3, 2, 0, FeatureScale.RAW);
  }

  private static ResNet18 resnet18(Shape example, List<Integer> stages) {
    return new ResNet18(example, stages, FeatureScale.RAW);
  }

  /** As tiny as they are there still with all that they have. */
  private static List<Backbone> tiny() {
    return List.of(
        resnet12(SMALL, List.of(3, 2, 3), ConvNet.Head.FLATTEN),
        resnet12(SMALL, List.of(2, 3), ConvNet.Head.MEAN),
        resnet18(Shape.of(17, 16, 2), List.of(2, 3)),
        new WideResNet(SMALL, 10, 1, 2, 0.3, FeatureScale.UNIT));
  }

  /**
   * What {@code benchmarks/run backbones} prints of libtorch: of each image the sum of its
   * features, their squared norm, and every sixth part of them.
   */
  @TestFactory
  Stream<DynamicTest> theirOutputsArePyTorchs() {
    double[][] mean = {
      {2649.31832, 30688.6687, 2.79257018, 1.64342148, 1.87851720, 0.633449458, -0.752650892},
      {2646.48514, 30670.8185, 2.39590132, 1.93798592, 1.68412675, 0.711327413, -0.761536441},
    };
    double[][] flatten = {
      {11539.5731, 138879.543, 2.87551233, 0.239283052, -0.184832331, -0.344715340, 0.342049179},
    };
    double[][] eighteen = {
      {4490.03594, 70545.3855, 3.08748282, 4.81031282, 1.64506115, 9.86953188, 5.18065267},
      {4401.62083, 67857.0355, 3.03131432, 4.46244366, 0.314925548, 8.46431773, 4.58361300},
    };
    double[][] wide = {
      {26383.7142, 2283492.62, 13.5868270, 116.512793, 15.0894775, 61.7988377, 88.7547328},
    };
    double[][] wide16 = {
      {872.451084, 13564.2514, 21.2946872, 24.6011659, 9.01474986, 7.11284101, 0.148470745},
      {873.090946, 13527.6849, 19.6185655, 25.1272920, 9.40390932, 6.46924225, 0.0879548181},
    };
    Shape large = Shape.of(84, 84, 3);
    Shape s44 = Shape.of(44, 44, 3);
    return Stream.of(
        same("resnet12", resnet12(large, WIDTHS, ConvNet.Head.MEAN), mean),
        same("resnet12, flat", resnet12(s44, WIDTHS, ConvNet.Head.FLATTEN), flatten),
        same("resnet18", resnet18(large, STAGES), eighteen),
        same(
            "wrn-28-10",
            new WideResNet(Shape.of(18, 18, 3), 28, 10, 16, 0, FeatureScale.RAW),
            wide),
        same(
            "wrn-16-2",
            new WideResNet(Shape.of(33, 33, 3), 16, 2, 16, 0, FeatureScale.RAW),
            wide16));
  }

  private static DynamicTest same(String name, Backbone net, double[][] expected) {
    return dynamicTest(name, () -> compare(net, expected));
  }

  private static void compare(Backbone net, double[][] expected) {
    Params drawn = net.init(new Init(0));
    Map<String, Array> theta = new LinkedHashMap<>();
    Map<String, Op.Type> types = new LinkedHashMap<>();
    for (String n : drawn.names()) {
      Shape s = drawn.get(n).shape();
      theta.put(n, new Array(s, numbers(n, s)));
      types.put(n, new Op.Type(s, DType.F32));
    }
    Shape example = example(net).prepend(expected.length);
    float[] images = images(example);
    Signature signature =
        new Signature(types, Map.of("x", new Op.Type(example, DType.F32)), Map.of(), 1, Set.of());
    Function f =
        (p, in, residents) ->
            new Function.Result(p, Params.of("y", net.apply(p, in.get("x"), Norm.given(p))));
    try (Engine cpu = Engine.open("cpu", 2, Precision.FP32);
        Compiled c = cpu.compile("features", signature, f)) {
      c.setState(theta);
      c.set("x", images);
      c.run();
      float[] y = c.output("y").data();
      int d = net.features();
      for (int i = 0; i < expected.length; i++) {
        double[] found = said(y, i, d, net.map());
        for (int k = 0; k < expected[i].length; k++) {
          double size = Math.sqrt(expected[i][1] / d);
          double of = Math.max(size, Math.abs(expected[i][k]));
          assertEquals(expected[i][k], found[k], 1e-5 * of, "image " + i + ", number " + k);
        }
      }
    }
  }

  /** Its sum, its squared norm, and every sixth part of it as PyTorch has it in order. */
  private static double[] said(float[] y, int image, int d, java.util.Optional<Shape> map) {
    double[] theirs = new double[d];
    Shape m = map.orElse(Shape.of(1, 1, d));
    int spots = m.dim(0) * m.dim(1);
    for (int i = 0; i < d; i++) {
      theirs[i % m.dim(2) * spots + i / m.dim(2)] = y[image * d + i];
    }
    double[] out = new double[7];
    for (double v : theirs) {
      out[0] += v;
      out[1] += v * v;
    }
    for (int k = 0; k < 5; k++) {
      out[2 + k] = theirs[k * (d / 6)];
    }
    return out;
  }

  private static Shape example(Backbone net) {
    return switch (net) {
      case ResNet12 r -> r.example();
      case ResNet18 r -> r.example();
      case WideResNet r -> r.example();
      default -> throw new IllegalArgumentException(net.toString());
    };
  }

  /** The formula of the benchmark: a number in [-1/2, 1/2) of a name and a place. */
  private static double number(String name, int place) {
    double v = StrictMath.sin(12.9898 * place + 78.233 * (name.hashCode() % 1000)) * 43758.5453;
    return v - Math.floor(v) - 0.5;
  }

  /** The benchmark's parameters, filters turned from [O, C, KH, KW]. */
  private static float[] numbers(String name, Shape s) {
    float[] out = new float[s.size()];
    if (s.rank() == 1) {
      String part = name.substring(name.lastIndexOf('.') + 1);
      double middle = part.equals("weight") || part.equals("running_var") ? 1 : 0;
      double spread = part.equals("running_var") ? 0.8 : 0.4;
      for (int i = 0; i < out.length; i++) {
        out[i] = (float) (middle + spread * number(name, i));
      }
      return out;
    }
    int spots = s.dim(0) * s.dim(1);
    int in = s.dim(2);
    double spread = Math.sqrt(24.0 / (in * spots));
    int i = 0;
    for (int spot = 0; spot < spots; spot++) {
      for (int c = 0; c < in; c++) {
        for (int o = 0; o < s.dim(3); o++) {
          out[i++] = (float) (0 + spread * number(name, (o * in + c) * spots + spot));
        }
      }
    }
    return out;
  }

  private static float[] images(Shape s) {
    float[] out = new float[s.size()];
    int spots = s.dim(1) * s.dim(2);
    int i = 0;
    for (int image = 0; image < s.dim(0); image++) {
      for (int spot = 0; spot < spots; spot++) {
        for (int c = 0; c < s.dim(3); c++) {
          out[i++] = (float) (0.5 + number("images", (image * s.dim(3) + c) * spots + spot));
        }
      }
    }
    return out;
  }

  /** Draws the numbers of a task while its loss is traced, as a step of training does. */
  private record InTraining(Learner of) implements Learner {
    @Override
    public Params init(Init draw) {
      return of.init(draw);
    }

    @Override
    public Outcome loss(Params theta, Task task) {
      Tensor key = Ops.literal(DType.I32, Shape.of(2), 3, 4);
      return TrainingNoise.during(key, Ops.scalar(100), () -> of.loss(theta, task));
    }

    @Override
    public Params adapt(Params theta, Batch support) {
      return of.adapt(theta, support);
    }

    @Override
    public Tensor predict(Params adapted, Tensor queries) {
      return of.predict(adapted, queries);
    }

    @Override
    public Norm.Policy norm() {
      return of.norm();
    }
  }

  @TestFactory
  Stream<DynamicTest> theirGradientsAreThoseOfDifferences() {
    return tiny().stream()
        .flatMap(
            net -> {
              Model f = new WithClassifier(net, new Linear(net.features(), 3));
              Norm.Policy norm = Norm.Policy.TRANSDUCTIVE;
              Learner maml = new Maml(f, Criterion.CROSS_ENTROPY, 0.4, 1, Order.SECOND, norm);
              Learner proto = new ProtoNet(net, 3, Norm.Policy.RUNNING);
              return Stream.of(
                  checked("maml in training", net, new InTraining(maml)),
                  checked("protonet in training", net, new InTraining(proto)));
            });
  }

  private static DynamicTest checked(String name, Backbone net, Learner learner) {
    return dynamicTest(
        name + " with " + net,
        () -> {
          TaskShape task = TaskShape.episode(3, 2, 1, example(net).dims());
          CheckReport r =
              LearnerCheck.once(
                  Subject.of(learner, task), CheckOptions.usual().tasks(2).devices("cpu"));
          assertTrue(r.passed(), r.text());
        });
  }

  @Test
  void everyPassHasTheStatisticsOfEveryLayer() {
    for (Backbone net : tiny()) {
      Params p = net.init(new Init(1));
      Tensor x = new Init(2).uniform(example(net).prepend(3), 1);
      Model.Pass first = net.pass(p, x, Norm.batch());
      assertEquals(p.select(Norm::isBuffer).names(), first.moments().names(), net.toString());
      Tensor again = net.apply(p, x, Norm.given(first.moments()));
      assertArrayEquals(Reference.eval(first.y()), Reference.eval(again), 1e-12);
      assertEquals(Shape.of(3, net.features()), again.shape());
    }
  }

  @Test
  void unitFeaturesAreOfNormOneAtTheStart() {
    List<Backbone> nets =
        List.of(
            new ResNet12(SMALL, List.of(8, 40), ConvNet.Head.FLATTEN, 0, 1, 0, FeatureScale.UNIT),
            new ResNet18(Shape.of(16, 16, 2), List.of(8, 40), FeatureScale.UNIT),
            new WideResNet(SMALL, 10, 2, 16, 0, FeatureScale.UNIT));
    for (Backbone net : nets) {
      Tensor x = new Init(2).uniform(example(net).prepend(6), 1);
      double[] y = Reference.eval(net.apply(net.init(new Init(3)), x, Norm.batch()));
      double square = 0;
      for (double v : y) {
        square += v * v / 6;
      }
      assertTrue(square > 0.1 && square < 5, net + ": " + square);
    }
  }

  @Test
  void whatLeavesNothingIsRefused() {
    refused(
        "Option --widths has 4 blocks: expected fewer, since so many halvings leave nothing of a"
            + " 12x16 image; take some away, or larger images.",
        () -> resnet12(Shape.of(12, 16, 3), WIDTHS, ConvNet.Head.MEAN));
    refused(
        "Option --depth is 27: expected 4 more than a multiple of 6, such as 10, 16 or 28; change"
            + " it.",
        () -> new WideResNet(SMALL, 27, 1, 16, 0, FeatureScale.UNIT));
    refused(
        "Option --widths is empty: expected filters of each block; 64,160,320,640 for example.",
        () -> new ResNet12.Options(List.of(), ConvNet.Head.MEAN, 0, 1, 0, FeatureScale.UNIT));
    refused(
        "images [2, 8, 8, 2]; this network expects [n, 9, 8, 2]: resize them or build it for their"
            + " size",
        () -> {
          Backbone net = tiny().getFirst();
          net.apply(net.init(new Init(0)), Ops.fill(0, Shape.of(2, 8, 8, 2)), Norm.batch());
        });
  }

  private static void refused(String sentence, Runnable what) {
    assertEquals(sentence, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }
}
