package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * F32 and I32 tensors and texts in a safetensors file: what the sides of a comparison hand each
 * other. Reads its own files only; the project's reader of checkpoints is the careful one.
 */
record CaseFile(Map<String, Values> values, Map<String, String> metadata) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The name of the workload among the texts. */
  static final String WORKLOAD = "workload";

  private static final String METADATA = "__metadata__";
  private static final int ALIGNMENT = 8;

  /** The workload it belongs to. */
  Workload workload() {
    return Workload.of(metadata.get(WORKLOAD));
  }

  /** The names of the episodes: all but parameters and buffers. */
  Set<String> episodes() {
    Set<String> names = new LinkedHashSet<>(values.keySet());
    names.removeIf(n -> n.startsWith(Workload.THETA));
    return names;
  }

  /** Tasks of a step. */
  int tasks() {
    return values.get(episodes().iterator().next()).shape().dim(0);
  }

  /** Writes it. */
  void write(Path file) {
    ObjectNode header = JSON.createObjectNode();
    ObjectNode texts = header.putObject(METADATA);
    metadata.forEach(texts::put);
    long end = 0;
    for (Map.Entry<String, Values> e : values.entrySet()) {
      ObjectNode entry = header.putObject(e.getKey()).put("dtype", e.getValue().dtype().name());
      var shape = entry.putArray("shape");
      IntStream.of(e.getValue().shape().dims()).forEach(shape::add);
      long begin = end;
      end += (long) Float.BYTES * e.getValue().shape().size();
      entry.putArray("data_offsets").add(begin).add(end);
    }
    byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
    int padded = (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer out = buffer(new byte[Math.toIntExact(Long.BYTES + padded + end)]);
    out.putLong(padded).put(text);
    while (out.position() < Long.BYTES + padded) {
      out.put((byte) ' ');
    }
    for (Values v : values.values()) {
      switch (v) {
        case Values.F32 f -> out.asFloatBuffer().put(f.data());
        case Values.I32 i -> out.asIntBuffer().put(i.data());
      }
      out.position(out.position() + Float.BYTES * v.shape().size());
    }
    try {
      Files.write(file, out.array());
    } catch (IOException e) {
      throw new BenchmarkException(
          "File '%s' cannot be written: %s.".formatted(file, e.getMessage()), e);
    }
  }

  /** Reads one. */
  static CaseFile read(Path file) {
    try {
      return of(buffer(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new BenchmarkException(
          "File '%s' cannot be read: %s.".formatted(file, e.getMessage()), e);
    }
  }

  private static CaseFile of(ByteBuffer in) throws IOException {
    byte[] text = new byte[Math.toIntExact(in.getLong())];
    in.get(text);
    JsonNode header = JSON.readTree(text);
    int base = in.position();
    Map<String, Values> values = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : header.properties()) {
      if (e.getKey().equals(METADATA)) {
        e.getValue().properties().forEach(m -> metadata.put(m.getKey(), m.getValue().asText()));
      } else {
        values.put(e.getKey(), values(in, base, e.getValue()));
      }
    }
    return new CaseFile(values, metadata);
  }

  private static Values values(ByteBuffer in, int base, JsonNode entry) {
    JsonNode dims = entry.get("shape");
    Shape shape = Shape.of(IntStream.range(0, dims.size()).map(i -> dims.get(i).asInt()).toArray());
    in.position(base + entry.get("data_offsets").get(0).asInt());
    if (DType.valueOf(entry.get("dtype").asText()) == DType.I32) {
      int[] data = new int[shape.size()];
      in.asIntBuffer().get(data);
      return new Values.I32(shape, data);
    }
    float[] data = new float[shape.size()];
    in.asFloatBuffer().get(data);
    return new Values.F32(shape, data);
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
