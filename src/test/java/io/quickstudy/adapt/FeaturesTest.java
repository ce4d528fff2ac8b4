package io.quickstudy.adapt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.Quickstudy;
import io.quickstudy.exchange.onnx.OnnxExport;
import io.quickstudy.exchange.onnx.OnnxModel;
import io.quickstudy.graph.Shape;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Features are those of the exported network, whose own tests compare it with the graph. */
class FeaturesTest {
  private static Adapter load(Path run) {
    return Quickstudy.load(run, AdaptOptions.usual().device("cpu"));
  }

  private static List<Image> images(int n) {
    List<Image> out = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      out.add(Runs.image(i % 5, i / 5));
    }
    return out;
  }

  private static void assertAsExported(Path run, int n) throws Exception {
    RunFolder folder = RunFolder.open(run);
    byte[] file = OnnxExport.backbone(folder.config(), folder.trained(w -> {}).theta(), 0).bytes();
    float[] x = new float[n * Runs.SIDE * Runs.SIDE]; // of one channel: the axes' order is the same
    for (int i = 0; i < n; i++) {
      float[] one = Runs.numbers(i % 5, i / 5);
      System.arraycopy(one, 0, x, i * one.length, one.length);
    }
    try (Adapter adapter = load(run);
        OnnxModel model = new OnnxModel(file)) {
      List<float[]> found = adapter.features(images(n));
      Array input = new Array(Shape.of(n, 1, Runs.SIDE, Runs.SIDE), x);
      Array expected = model.run("images", input).get("features");
      assertEquals(expected.shape(), Shape.of(n, found.getFirst().length));
      double largest = 0;
      for (float f : expected.data()) {
        largest = Math.max(largest, Math.abs(f));
      }
      assertTrue(largest > 0);
      for (int i = 0; i < n; i++) {
        int width = found.get(i).length;
        float[] row = Arrays.copyOfRange(expected.data(), i * width, (i + 1) * width);
        assertArrayEquals(row, found.get(i), (float) (1e-5 * largest), "image " + i);
      }
    }
  }

  @Test
  void theyAreThoseOfTheExportedNetwork() throws Exception {
    assertAsExported(Runs.protonet(), 21); // in pieces
    assertAsExported(Runs.maml("transductive"), 21); // together
    assertAsExported(Runs.maml("support"), 21);
  }

  @Test
  void withRunningStatisticsAnImageHasItsOwn() {
    try (Adapter adapter = load(Runs.protonet())) {
      assertTrue(adapter.hasFeatures());
      assertFalse(adapter.featuresTogether());
      List<float[]> all = adapter.features(images(70)); // more than a piece
      float[] alone = adapter.features(images(1)).getFirst();
      assertArrayEquals(alone, all.getFirst(), 1e-5f);
      assertArrayEquals(adapter.features(images(70)).getLast(), all.getLast());
      assertEquals(List.of(), adapter.features(List.of()));
    }
  }

  @Test
  void withoutThemTheyAreOfAllImagesTogether() {
    try (Adapter adapter = load(Runs.maml("transductive"))) {
      assertTrue(adapter.featuresTogether());
      float[] few = adapter.features(images(5)).getFirst();
      float[] many = adapter.features(images(40)).getFirst();
      assertFalse(Arrays.equals(few, many));
    }
  }

  @Test
  void aLearnerWithoutThemSaysSo() {
    for (Path run : List.of(Runs.lstm(), Runs.sinusoid())) {
      try (Adapter adapter = load(run)) {
        assertFalse(adapter.hasFeatures());
        assertThrows(
            UnsupportedOperationException.class,
            () -> adapter.features(List.of(Image.of(new float[1]))));
      }
    }
  }
}
