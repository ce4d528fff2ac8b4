package io.quickstudy.exchange.onnx;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.runtime.Array;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Exported models with inputs and what is computed of them here, for other programs to be tried
 * with: {@code benchmarks/onnx/opencv.py} does. Only where a property says in which folder.
 */
final class KeptModels {
  private static final String FOLDER = System.getProperty("quickstudy.test.onnx", "");
  private static final ObjectMapper JSON = new ObjectMapper();

  private KeptModels() {}

  /**
   * Keeps one.
   *
   * @param x its input, a batch
   * @param output the name of one of its outputs
   * @param expected that output
   */
  static void keep(String name, byte[] model, Array x, String output, Array expected)
      throws IOException {
    if (FOLDER.isEmpty()) {
      return;
    }
    String file = name.replaceAll("[^a-z0-9]+", "-");
    Path folder = Files.createDirectories(Path.of(FOLDER));
    Files.write(folder.resolve(file + ".onnx"), model);
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("model", file + ".onnx");
    about.put("name", name);
    about.put("output", output);
    about.put("shape", x.shape().dims());
    about.put("x", x.data());
    about.put("expected_shape", expected.shape().dims());
    about.put("expected", expected.data());
    String batch = "-%s.json".formatted(x.shape().dim(0));
    Files.write(folder.resolve(file + batch), JSON.writeValueAsBytes(about));
  }
}
