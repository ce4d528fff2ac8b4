package io.quickstudy.learners.metric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.transform.Params;
import org.junit.jupiter.api.Test;

/** Its distances and temperatures by numbers worked out by hand, on examples as they are. */
class ProtoNetTest {
  private static final double EXACT = 1e-12;

  /** Features that are the example itself. */
  private record Plain() implements Model {
    @Override
    public Params init(Init draw) {
      return Params.empty();
    }

    @Override
    public Pass pass(Params theta, Tensor x, Norm norm) {
      return new Pass(x, Params.empty());
    }
  }

  /** One example of class 0 and three of class 1, whose mean is (0, 2). */
  private static final Batch SUPPORT =
      new Batch(
          matrix(2, 3, 0, 0, 1, 0, 2, 0, 3),
          Ops.literal(DType.I32, Shape.of(4), new double[] {0, 1, 1, 1}));

  private static Tensor matrix(int columns, double... numbers) {
    return Ops.literal(DType.F32, Shape.of(numbers.length / columns, columns), numbers);
  }

  private static double[] logits(ProtoNet.Distance d, double t, ProtoNet.TemperatureMode m) {
    ProtoNet net = new ProtoNet(new Plain(), 2, new ProtoNet.Options(d, t, m), Norm.Policy.NONE);
    Params phi = net.init(new Init(0));
    return Reference.eval(net.predict(phi, SUPPORT, matrix(2, 3, 4)));
  }

  @Test
  void unequalShotsAreMeansOfWhatThereIs() {
    double[] found = logits(ProtoNet.Distance.EUCLIDEAN, 1, ProtoNet.TemperatureMode.FIXED);
    assertArrayEquals(new double[] {-16, -(9 + 4)}, found, EXACT);
  }

  @Test
  void cosinesAreOfTheMeans() {
    double[] found = logits(ProtoNet.Distance.COSINE, 1, ProtoNet.TemperatureMode.FIXED);
    assertArrayEquals(new double[] {0.6, 0.8}, found, 1e-9);
  }

  @Test
  void temperaturesDivideFixedAndAtFirst() {
    for (ProtoNet.Distance d : ProtoNet.Distance.values()) {
      double[] plain = logits(d, 1, ProtoNet.TemperatureMode.FIXED);
      for (ProtoNet.TemperatureMode m : ProtoNet.TemperatureMode.values()) {
        double[] found = logits(d, 0.25, m);
        assertArrayEquals(new double[] {4 * plain[0], 4 * plain[1]}, found, 1e-6);
      }
    }
  }

  @Test
  void aLearnedTemperatureIsOneParameterMore() {
    ProtoNet.Options fixed =
        new ProtoNet.Options(ProtoNet.Distance.COSINE, 0.1, ProtoNet.TemperatureMode.FIXED);
    ProtoNet.Options learned =
        new ProtoNet.Options(ProtoNet.Distance.COSINE, 0.1, ProtoNet.TemperatureMode.LEARNED);
    assertFalse(names(fixed).contains("log_temperature"));
    assertTrue(names(learned).contains("log_temperature"));
    assertEquals(names(fixed).size() + 1, names(learned).size());
  }

  private static java.util.Set<String> names(ProtoNet.Options o) {
    return java.util.Set.copyOf(
        new ProtoNet(new Plain(), 2, o, Norm.Policy.NONE).init(new Init(0)).names());
  }
}
