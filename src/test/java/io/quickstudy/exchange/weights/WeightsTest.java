package io.quickstudy.exchange.weights;

import static io.quickstudy.exchange.weights.Starts.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.memory.BlackBoxLstm;
import io.quickstudy.learners.metric.ProtoNet;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.Safetensors;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import io.quickstudy.task.Sequence;
import io.quickstudy.transform.Params;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights of PyTorch's modules compute here what they compute there. */
class WeightsTest {
  private static final int SIDE = 12;
  private static final int MAP = 3;
  private static final double TOLERANCE = 1e-5;
  private static final Engine ENGINE = Engine.open("cpu", 1, Precision.FP32);

  @TempDir private Path temporary;
  private final List<String> told = new ArrayList<>();

  @AfterAll
  static void close() {
    ENGINE.close();
  }

  private Map<String, Array> start(RunConfig c) {
    return new Checkpoint(0, 0, Weights.start(c, drawn(c), told::add)).theta();
  }

  private static Params constants(Map<String, Array> theta) {
    Map<String, Tensor> m = new LinkedHashMap<>();
    theta.forEach((n, a) -> m.put(n, literal(a.shape(), a.data())));
    return Params.of(m);
  }

  private static Tensor literal(Shape shape, float[] data) {
    double[] values = new double[data.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = data[i];
    }
    return Ops.literal(shape, values);
  }

  private static double[] image(int seed, int size) {
    double[] x = new double[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) (0.5 + 0.5 * Math.sin(0.9 * i + seed));
    }
    return x;
  }

  private static Tensor images(int n, int side) {
    double[] all = new double[n * side * side];
    for (int i = 0; i < n; i++) {
      System.arraycopy(image(i, side * side), 0, all, i * side * side, side * side);
    }
    return Ops.literal(Shape.of(n, side, side, 1), all);
  }

  private static float[] compute(Map<String, Array> theta, Function<Params, Tensor> f) {
    return ENGINE.evaluate(Params.of("y", f.apply(constants(theta)))).get("y").data();
  }

  private static void assertClose(double[] expected, float[] got, int from) {
    for (int i = 0; i < expected.length; i++) {
      double allowed = TOLERANCE * Math.max(1, Math.abs(expected[i]));
      assertEquals(expected[i], got[from + i], allowed, "number " + i);
    }
  }

  private static double[] features(TorchModule m, String prefix, double[] image) {
    double[] x = image;
    int side = SIDE;
    for (int i = 0; i < 2; i++) {
      x = m.norm(prefix + i + ".1", m.conv(prefix + i + ".0", x, side, side), side * side);
      x = TorchModule.pool(TorchModule.relu(x), side, side);
      side /= 2;
    }
    return x;
  }

  private Path map(String text) throws IOException {
    return Files.writeString(temporary.resolve("map.yaml"), text);
  }

  /** Numbers [channels, spots] as [spots, channels]. */
  private static double[] channelsLast(double[] x, int channels) {
    double[] y = new double[x.length];
    int spots = x.length / channels;
    for (int i = 0; i < x.length; i++) {
      y[i % spots * channels + i / spots] = x[i];
    }
    return y;
  }

  @Test
  void aPublishedBackboneWithBiasesAndAMap() throws IOException {
    TorchModule m = encoder("encoder.", true);
    for (String type : List.of("F32", "F64", "F16", "BF16")) {
      Path file = m.save(temporary.resolve(type + ".safetensors"), type);
      RunConfig c = from(TWO_BLOCKS, file, map(MAP_OF_BLOCKS));
      ProtoNet net = (ProtoNet) Components.trained(c, 0);
      float[] y = compute(start(c), p -> net.f().apply(p, images(2, SIDE), Norm.given(p)));
      for (int i = 0; i < 2; i++) {
        double[] expected = features(m, "encoder.", image(i, SIDE * SIDE));
        assertClose(channelsLast(expected, FILTERS), y, i * expected.length);
      }
    }
    assertTrue(told.toString().contains("went into the running means"), told::toString);
  }

  /** The linear layer behind a flattened map takes channel by channel there, not here. */
  @Test
  void aHeadBehindAFlattenedMap() throws IOException {
    TorchModule m = new TorchModule();
    m.block("net.conv1", "net.norm1", 1, FILTERS, false);
    m.block("net.conv2", "net.norm2", FILTERS, FILTERS, false);
    m.linear("net.classifier", FILTERS * MAP * MAP, 5).linear("other", 2, 2);
    Path file = m.save(temporary.resolve("f"), "F32");
    RunConfig c = from(TWO_BLOCKS + "--learner maml --down pool --head flatten", file, null);
    Map<String, Array> theta = start(c);
    assertTrue(
        told.contains("not taken from '" + file + "': 'other.weight', 'other.bias'"),
        told::toString);
    Map<String, Array> given = new LinkedHashMap<>(theta);
    for (int k = 1; k <= 2; k++) { // to compare with, as PyTorch does in eval mode
      for (String part : List.of(Norm.MEAN, Norm.VARIANCE)) {
        String name = "norm" + k + "." + part;
        given.put(name, array(Shape.of(FILTERS), m.weight("net." + name)));
      }
    }
    Maml maml = (Maml) Components.trained(c, 0);
    float[] y = compute(given, p -> maml.inner().f().apply(p, images(2, SIDE), Norm.given(p)));
    for (int i = 0; i < 2; i++) {
      double[] x = image(i, SIDE * SIDE);
      int side = SIDE;
      for (int k = 1; k <= 2; k++) {
        x = m.norm("net.norm" + k, m.conv("net.conv" + k, x, side, side), side * side);
        x = TorchModule.pool(TorchModule.relu(x), side, side);
        side /= 2;
      }
      assertClose(m.linear("net.classifier", x), y, 5 * i);
    }
  }

  private static Array array(Shape shape, double[] values) {
    float[] data = new float[values.length];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) values[i];
    }
    return new Array(shape, data);
  }

  @Test
  void anLstmWithItsTwoBiases() throws IOException {
    int hidden = 6;
    int features = 64;
    TorchModule m = new TorchModule();
    m.with("lstm.weight_ih_l0", 0, 4 * hidden, features + 3);
    m.with("lstm.weight_hh_l0", 0, 4 * hidden, hidden);
    m.with("lstm.bias_ih_l0", 0, 4 * hidden).with("lstm.bias_hh_l0", 0, 4 * hidden);
    m.linear("classifier", hidden, 3);
    Path file = m.save(temporary.resolve("f"), "F32");
    RunConfig c = from("--learner lstm --size 8 --hidden 6 --ways 3 --split random", file, null);
    int[] labels = {2, 0, 1, 2};
    Tensor y = Ops.literal(DType.I32, Shape.of(4), 2, 0, 1, 2);
    BlackBoxLstm learner = (BlackBoxLstm) Components.trained(c, 0);
    float[] got = compute(start(c), p -> learner.outputs(p, new Sequence(images(4, 8), y)));
    double[][] x = new double[4][];
    for (int t = 0; t < 4; t++) {
      x[t] = java.util.Arrays.copyOf(image(t, features), features + 3);
      if (t > 0) {
        x[t][features + labels[t - 1]] = 1;
      }
    }
    double[][] h = m.lstm("lstm", x, hidden);
    for (int t = 0; t < 4; t++) {
      assertClose(m.linear("classifier", h[t]), got, 3 * t);
    }
  }

  @Test
  void linearLayersByAnyName() throws IOException {
    TorchModule m = new TorchModule().linear("fc.0", 64, 7).linear("fc.2", 7, 5);
    Path file = m.save(temporary.resolve("f"), "F32");
    RunConfig c =
        from(
            "--learner maml --model mlp --size 8 --hidden 7",
            file,
            map("layer{i}.{what}: fc.{2*i-2}.{what}"));
    Maml maml = (Maml) Components.trained(c, 0);
    float[] y = compute(start(c), p -> maml.inner().f().apply(p, images(1, 8), Norm.batch()));
    assertClose(m.linear("fc.2", TorchModule.relu(m.linear("fc.0", image(0, 64)))), y, 0);
  }

  @Test
  void colourIsTurnedToo() {
    TorchLayout flat = new TorchLayout.Matrix(4, 3); // a 2x2 map of 3 channels, and one number more
    float[] theirs = new float[13 * 2];
    for (int i = 0; i < theirs.length; i++) {
      theirs[i] = i;
    }
    float[] ours = flat.ours(theirs, Shape.of(13, 2));
    // row 4 here is spot 1, channel 1: there input 1 * 4 + 1 of output 0, and of output 1
    assertEquals(5, ours[4 * 2]);
    assertEquals(13 + 5, ours[4 * 2 + 1]);
    assertEquals(12, ours[12 * 2]);
    assertArrayEquals(theirs, flat.theirs(ours, Shape.of(13, 2)));
    TorchLayout filter = new TorchLayout.Filter();
    assertEquals(List.of(5L, 3L, 1L, 2L), filter.shape(Shape.of(1, 2, 3, 5)));
    float[] f = new float[30];
    f[(4 * 3 + 2) * 2 + 1] = 1; // o 4, c 2, kw 1
    assertEquals(1, filter.ours(f, Shape.of(1, 2, 3, 5))[(1 * 3 + 2) * 5 + 4]);
  }

  @Test
  void whatIsWrittenComesBack() throws IOException {
    String[] runs = {
      TWO_BLOCKS,
      TWO_BLOCKS + "--learner maml --down pool --head flatten",
      "--learner lstm --size 8 --hidden 6 --ways 3 --split random",
      "--learner maml --model mlp --size 8 --hidden 7",
      "--data sinusoid",
    };
    for (String options : runs) {
      for (Weights.Layout layout : Weights.Layout.values()) {
        Map<String, Array> theta = new Checkpoint(0, 0, drawn(config(options))).theta();
        theta.replaceAll((n, a) -> shifted(a));
        byte[] bytes = Weights.write(config(options), theta, layout, Optional.empty());
        Path file = Files.write(temporary.resolve("f"), bytes);
        Map<String, Array> back = start(from(options, file, null));
        assertEquals(theta.keySet(), back.keySet());
        theta.forEach((n, a) -> assertArrayEquals(a.data(), back.get(n).data(), 0f, n));
      }
    }
  }

  private static Array shifted(Array a) {
    float[] data = a.data().clone();
    for (int i = 0; i < data.length; i++) {
      data[i] += i / 64f;
    }
    return new Array(a.shape(), data);
  }

  @Test
  void aMapNamesWhatIsWritten() throws IOException {
    RunConfig c = config(TWO_BLOCKS);
    Map<String, Array> theta = new Checkpoint(0, 0, drawn(c)).theta();
    byte[] bytes = Weights.write(c, theta, Weights.Layout.PYTORCH, Optional.of(map(MAP_OF_BLOCKS)));
    Map<String, Array> there = Safetensors.read("f", bytes);
    assertEquals(Shape.of(FILTERS, 1, 3, 3), there.get("encoder.0.0.weight").shape());
    assertTrue(there.containsKey("encoder.1.1.running_var"), there.keySet()::toString);
    assertEquals(theta.size(), there.size());
  }

  @Test
  void aParameterMayStayAsItIsDrawn() throws IOException {
    Path file = encoder("", false).save(temporary.resolve("f"), "F32");
    String lines = QUOTED + "classifier.{p}: ~\n";
    RunConfig c = from(TWO_BLOCKS + "--learner maml --down pool", file, map(lines));
    Map<String, Array> theta = start(c);
    Map<String, Array> before = new Checkpoint(0, 0, drawn(c)).theta();
    assertArrayEquals(
        before.get("classifier.weight").data(), theta.get("classifier.weight").data());
    assertNotEquals(before.get("conv1.weight").data()[0], theta.get("conv1.weight").data()[0]);
    assertTrue(told.toString().contains("as drawn, since the map says so"), told::toString);
  }
}
