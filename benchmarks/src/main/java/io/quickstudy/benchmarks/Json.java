package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Records in JSON. */
final class Json {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Json() {}

  /** An object. */
  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** An object of texts. */
  static ObjectNode object(Map<String, String> texts) {
    ObjectNode o = object();
    texts.forEach(o::put);
    return o;
  }

  /** An array of numbers, to the microsecond. */
  static ArrayNode milliseconds(double[] ms) {
    ArrayNode a = JSON.createArrayNode();
    for (double x : ms) {
      a.add(round(x));
    }
    return a;
  }

  /** Milliseconds to the tenth of a microsecond. */
  static double round(double ms) {
    return Math.round(ms * 1e4) / 1e4;
  }

  /** How far some results are from a reference. */
  static ObjectNode agreement(Agreement a) {
    ObjectNode o = object();
    o.put("loss", a.loss());
    o.put("gradient", a.gradient());
    o.put("where", a.where());
    return o;
  }

  /** Writes a record. */
  static void write(Path file, ObjectNode node) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), node);
    } catch (IOException e) {
      throw new BenchmarkException(
          "File '%s' cannot be written: %s.".formatted(file, e.getMessage()), e);
    }
  }
}
