package io.quickstudy.exchange.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.run.RunKeys;
import io.quickstudy.runtime.Array;
import io.quickstudy.settings.ConfigException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What ONNX Runtime computes from exported files against what is computed here. */
class OnnxExportTest {
  private static final int WAYS = 4;
  private static final int SHOTS = 2;
  private static final double TOLERANCE = 1e-5;
  private static final String IMAGES = "--size 14 --ways 4 --eval-ways 4";
  private static final String SMALL = IMAGES + " --filters 6 --blocks 2";
  private static final Map<String, String> RUNS = new LinkedHashMap<>();

  static {
    for (String norm : List.of("running", "support", "transductive")) {
      run("protonet " + norm, SMALL + " --batch-norm " + norm);
    }
    run("protonet stride", SMALL + " --down stride --batch-norm running");
    run("protonet stride, odd sizes", SMALL + " --size 11 --down stride --batch-norm support");
    run("protonet pool, odd sizes", SMALL + " --size 11 --batch-norm running");
    run("protonet mean", SMALL + " --head mean --batch-norm running");
    run("protonet mean, transductive", SMALL + " --head mean --batch-norm transductive");
    run("protonet one filter", SMALL + " --filters 1 --batch-norm transductive");
    run("protonet normalised", SMALL + " --normalise data --pixel-mean 0.4 --pixel-deviation 0.3");
    run("protonet resnet12", IMAGES + " --model resnet12 --widths 4,5 --batch-norm running");
    run("protonet resnet18", IMAGES + " --model resnet18 --stages 4,5 --batch-norm running");
    run("protonet wrn", IMAGES + " --model wrn --depth 10 --width 1 --batch-norm support");
    run("protonet mlp", IMAGES + " --model mlp --hidden 12,7");
    run(
        "protonet cosine",
        SMALL + " --distance cosine --temperature 0.2 --temperature-mode learned");
    run("protonet zero-shot", SMALL + " --learner protonet-zero-shot --dimensions 5");
    for (String norm : List.of("support", "transductive")) {
      run("maml " + norm, SMALL + " --learner maml --batch-norm " + norm);
    }
    run("maml pool, flatten", SMALL + " --learner maml --down pool --head flatten --blocks 1");
    run("fomaml", SMALL + " --learner fomaml --batch-norm support --inner-steps 2");
    run("maml mlp", IMAGES + " --learner maml --model mlp --hidden 12,7");
    run("lstm", "--learner lstm --size 8 --hidden 9 --ways 4 --split random");
    run(
        "mann behind a model",
        SMALL + " --learner mann --model conv --hidden 5 --rows 6 --width 3");
    run("sinusoid", "--data sinusoid --hidden 8,8 --inner-rate 0.05");
  }

  private static void run(String name, String options) {
    RUNS.put(name, options);
  }

  @TestFactory
  Stream<DynamicTest> adaptedModelsAgree() {
    return RUNS.keySet().stream().map(n -> dynamicTest(n, () -> adapted(n)));
  }

  @TestFactory
  Stream<DynamicTest> networksAgree() {
    return RUNS.keySet().stream()
        .filter(n -> !n.equals("lstm"))
        .map(n -> dynamicTest(n, () -> network(n)));
  }

  private static void adapted(String name) throws Exception {
    ExportCase c = ExportCase.of(RUNS.get(name), WAYS, SHOTS);
    String given = RunKeys.texts(c.config()).getOrDefault("eval-inner-steps", "0");
    int steps = Integer.parseInt(given);
    OnnxExport.OnnxFile file =
        OnnxExport.adapted(c.config(), c.theta(), 5, c.support(), c.options(steps));
    boolean images = c.config().classifies();
    try (OnnxModel model = new OnnxModel(file.bytes())) {
      assertEquals(
          images ? Set.of("logits", "probabilities") : Set.of("y"), model.outputs().keySet());
      assertEquals(file.outputs(), model.outputs());
      for (int n : new int[] {1, 7}) {
        Array x = c.queries(n);
        Map<String, Array> got = model.run(images ? "images" : "x", c.channelsFirst(x));
        Array expected = c.predictions(x, steps);
        KeptModels.keep(name, file.bytes(), c.channelsFirst(x), images ? "logits" : "y", expected);
        assertClose(expected, got.get(images ? "logits" : "y"));
        if (images) {
          assertClose(softmax(expected), got.get("probabilities"));
        }
      }
      if (images) {
        assertEquals("[\"a\",\"b/c\",\"\u00fc\u00df\",\"\\\"d\\\"\"]", model.metadata("classes"));
      }
      assertEquals("5", model.metadata("step"));
      assertEquals(c.config().network().batchNorm().toString(), model.metadata("norm"));
    }
  }

  private static void network(String name) throws Exception {
    ExportCase c = ExportCase.of(RUNS.get(name), WAYS, SHOTS);
    OnnxExport.OnnxFile file = OnnxExport.backbone(c.config(), c.theta(), 5);
    boolean images = c.config().classifies();
    try (OnnxModel model = new OnnxModel(file.bytes())) {
      for (int n : new int[] {1, 7}) {
        Array x = c.queries(n);
        Map<String, Array> got = model.run(images ? "images" : "x", c.channelsFirst(x));
        Map<String, Array> expected = c.network(x);
        String kept = expected.keySet().iterator().next();
        KeptModels.keep(
            name + ", network", file.bytes(), c.channelsFirst(x), kept, expected.get(kept));
        assertEquals(expected.keySet(), got.keySet());
        expected.forEach((output, e) -> assertClose(e, got.get(output)));
      }
    }
  }

  /** Within so much of the largest number: single ones may be sums that cancel out. */
  private static void assertClose(Array expected, Array got) {
    assertEquals(expected.shape(), got.shape());
    double largest = 0;
    for (float v : expected.data()) {
      largest = Math.max(largest, Math.abs(v));
    }
    assertTrue(largest > 0, "all expected numbers are 0");
    for (int i = 0; i < expected.data().length; i++) {
      assertEquals(expected.data()[i], got.data()[i], TOLERANCE * largest, "number " + i);
    }
  }

  private static Array softmax(Array logits) {
    int ways = logits.shape().dim(1);
    float[] p = new float[logits.data().length];
    for (int row = 0; row < p.length; row += ways) {
      double most = Double.NEGATIVE_INFINITY;
      for (int k = row; k < row + ways; k++) {
        most = Math.max(most, logits.data()[k]);
      }
      double sum = 0;
      for (int k = row; k < row + ways; k++) {
        sum += Math.exp(logits.data()[k] - most);
      }
      for (int k = row; k < row + ways; k++) {
        p[k] = (float) (Math.exp(logits.data()[k] - most) / sum);
      }
    }
    return new Array(logits.shape(), p);
  }

  @Test
  void probabilitiesHaveTheRunsTemperature() throws Exception {
    ExportCase c = ExportCase.of(RUNS.get("maml support"), WAYS, SHOTS);
    OnnxExport.OnnxFile file =
        OnnxExport.adapted(c.config(), c.theta(), 5, c.support(), c.options(1), 2.5);
    try (OnnxModel model = new OnnxModel(file.bytes())) {
      Array x = c.queries(4);
      Map<String, Array> got = model.run("images", c.channelsFirst(x));
      Array expected = c.predictions(x, 1);
      assertClose(expected, got.get("logits"));
      float[] divided = expected.data().clone();
      for (int i = 0; i < divided.length; i++) {
        divided[i] /= 2.5f;
      }
      assertClose(softmax(new Array(expected.shape(), divided)), got.get("probabilities"));
      assertEquals("2.5", model.metadata("temperature"));
    }
  }

  @Test
  void aReaderSeesTheNetwork() {
    ExportCase c = ExportCase.of(RUNS.get("maml support"), WAYS, SHOTS);
    OnnxExport.OnnxFile file =
        OnnxExport.adapted(c.config(), c.theta(), 5, c.support(), c.options(3));
    // the adaptation left nothing but numbers
    Map<String, Integer> expected = new LinkedHashMap<>();
    expected.put("BatchNormalization", 2);
    expected.put("Conv", 2);
    expected.put("Flatten", 1);
    expected.put("Gemm", 1);
    expected.put("GlobalAveragePool", 1);
    expected.put("Relu", 2);
    expected.put("Softmax", 1);
    assertEquals(expected, file.operators());
    assertEquals(Map.of("logits", dims(WAYS), "probabilities", dims(WAYS)), file.outputs());
  }

  /**
   * What OpenCV 4.6 read when benchmarks/onnx/opencv.py tried it: the operators of version 11, and
   * these alone. Cosines, which divide features by their length, and residual networks, which add
   * maps, take others of that version.
   */
  @TestFactory
  Stream<DynamicTest> classifiersAreOfOldOperators() {
    Set<String> old =
        Set.of(
            ("BatchNormalization Concat Conv Flatten Gemm GlobalAveragePool InstanceNormalization"
                    + " MaxPool Mul Neg Relu Reshape Softmax Sub Transpose")
                .split(" ", -1));
    return RUNS.keySet().stream()
        .filter(n -> !n.matches("sinusoid|lstm|mann .*|protonet (cosine|resnet12|resnet18|wrn)"))
        .map(n -> dynamicTest(n, () -> old(n, old)));
  }

  private static void old(String name, Set<String> old) {
    ExportCase c = ExportCase.of(RUNS.get(name), WAYS, SHOTS);
    OnnxExport.OnnxFile file =
        OnnxExport.adapted(c.config(), c.theta(), 5, c.support(), c.options(2));
    Set<String> others = new TreeSet<>(file.operators().keySet());
    others.removeAll(old);
    assertEquals(Set.of(), others);
    assertEquals(11, OnnxGraph.OPSET);
  }

  private static List<Long> dims(long ways) {
    return List.of(-1L, ways);
  }

  @Test
  void prototypesOfAnyNumberOfClasses() throws Exception {
    ExportCase c = ExportCase.of(RUNS.get("protonet running"), 2, 3);
    OnnxExport.OnnxFile file =
        OnnxExport.adapted(c.config(), c.theta(), 5, c.support(), c.options(0));
    try (OnnxModel model = new OnnxModel(file.bytes())) {
      Array x = c.queries(3);
      assertClose(c.predictions(x, 0), model.run("images", c.channelsFirst(x)).get("logits"));
    }
  }

  @Test
  void aSequenceLearnerHasNoNetworkOfSingleImages() {
    ExportCase c = ExportCase.of(RUNS.get("lstm"), WAYS, SHOTS);
    ConfigException e =
        assertThrows(ConfigException.class, () -> OnnxExport.backbone(c.config(), c.theta(), 5));
    assertTrue(e.getMessage().contains("add --support DIR"), e.getMessage());
  }
}
