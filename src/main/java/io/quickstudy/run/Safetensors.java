package io.quickstudy.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quickstudy.graph.Shape;
import io.quickstudy.runtime.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * F32 tensors in the safetensors format: eight bytes that say how long the header is, a JSON header
 * with the type, shape and place of each tensor, then the numbers, all little-endian. Reading
 * trusts nothing: the places must cover the rest of the file exactly, without gaps.
 *
 * <p>Source: the format's description at github.com/huggingface/safetensors.
 */
public final class Safetensors {
  private static final int LENGTH_BYTES = 8;
  private static final int ALIGNMENT = 8;
  // the format's own limit is 100 MB; no model here comes near this
  private static final int MAX_HEADER = 16 << 20;
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Safetensors() {}

  /** Where a tensor lies, in bytes behind the header. */
  private record Place(String name, Shape shape, int begin, int end) {}

  /**
   * The bytes of a file.
   *
   * @param tensors by name, written in this order
   * @throws RunException if they exceed 2 GiB
   */
  public static byte[] write(Map<String, Array> tensors) {
    ObjectNode header = JSON.createObjectNode();
    header.putObject("__metadata__").put("format", "quickstudy");
    long offset = 0;
    for (Map.Entry<String, Array> e : tensors.entrySet()) {
      ObjectNode entry = header.putObject(e.getKey()).put("dtype", "F32");
      var shape = entry.putArray("shape");
      IntStream.of(e.getValue().shape().dims()).forEach(shape::add);
      long end = offset + (long) Float.BYTES * e.getValue().data().length;
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
    int padded = (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (LENGTH_BYTES + padded + offset > Integer.MAX_VALUE) {
      throw new RunException(
          "Tensors of %d bytes: expected less than 2 GiB in one file; make the model smaller."
              .formatted(offset));
    }
    ByteBuffer out =
        ByteBuffer.allocate(LENGTH_BYTES + padded + (int) offset).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(padded).put(text);
    for (int i = text.length; i < padded; i++) {
      out.put((byte) ' ');
    }
    for (Array a : tensors.values()) {
      out.asFloatBuffer().put(a.data());
      out.position(out.position() + Float.BYTES * a.data().length);
    }
    return out.array();
  }

  /**
   * The tensors of a file, by name, in the order of their places.
   *
   * @param file what to call it in messages
   * @param bytes all of it
   * @throws RunException if the bytes are no such file, saying what is wrong with them
   */
  public static Map<String, Array> read(String file, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < LENGTH_BYTES) {
      throw bad(file, "it has " + bytes.length + " bytes", "at least " + LENGTH_BYTES);
    }
    long length = in.getLong();
    if (length < 2 || length > Math.min(MAX_HEADER, bytes.length - LENGTH_BYTES)) {
      throw bad(
          file,
          "its header says it has " + length + " bytes",
          "2 to " + Math.min(MAX_HEADER, bytes.length - LENGTH_BYTES));
    }
    byte[] text = new byte[(int) length];
    in.get(text);
    JsonNode header = parse(file, text);
    int data = bytes.length - LENGTH_BYTES - text.length;
    List<Place> places =
        header.properties().stream()
            .filter(e -> !e.getKey().equals("__metadata__"))
            .map(e -> place(file, e.getKey(), e.getValue(), data))
            .sorted(Comparator.comparingInt(Place::begin))
            .toList();
    Map<String, Array> tensors = new LinkedHashMap<>();
    int expected = 0;
    for (Place p : places) {
      if (p.begin() != expected) {
        throw bad(file, "tensor '" + p.name() + "' begins at byte " + p.begin(), "" + expected);
      }
      expected = p.end();
      float[] numbers = new float[p.shape().size()];
      int from = LENGTH_BYTES + text.length + p.begin();
      in.slice(from, p.end() - p.begin())
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(numbers);
      tensors.put(p.name(), new Array(p.shape(), numbers));
    }
    if (expected != data) {
      throw bad(file, "its tensors end at byte " + expected, "" + data + ", the end of the file");
    }
    return tensors;
  }

  private static JsonNode parse(String file, byte[] text) {
    try {
      JsonNode header = JSON.readTree(text);
      if (header == null || !header.isObject()) {
        throw bad(file, "its header is no JSON object", "one");
      }
      return header;
    } catch (JsonProcessingException e) {
      throw new RunException(
          bad(file, "its header is damaged (" + e.getOriginalMessage() + ")", "JSON").getMessage(),
          e);
    } catch (java.io.IOException e) {
      throw new IllegalStateException("bytes in memory cannot be read", e);
    }
  }

  private static Place place(String file, String name, JsonNode e, int data) {
    String dtype = e.path("dtype").asText();
    if (!dtype.equals("F32")) {
      throw bad(file, "tensor '" + name + "' has type '" + dtype + "'", "F32");
    }
    long size = 1;
    JsonNode shape = e.path("shape");
    JsonNode offsets = e.path("data_offsets");
    boolean ok = shape.isArray() && offsets.isArray() && offsets.size() == 2;
    for (JsonNode d : shape) {
      ok = ok && d.canConvertToInt() && d.isIntegralNumber() && d.asInt() >= 1;
      size = ok ? size * d.asInt() : 0;
      ok = ok && size <= data / Float.BYTES;
    }
    for (JsonNode o : offsets) {
      ok = ok && o.isIntegralNumber() && o.canConvertToInt() && o.asInt() >= 0;
    }
    if (!ok) {
      throw bad(
          file,
          "tensor '" + name + "' has shape " + shape + " at " + offsets,
          "a shape and a place within its " + data + " bytes");
    }
    int begin = offsets.get(0).asInt();
    int end = offsets.get(1).asInt();
    if (end > data || (long) end - begin != size * Float.BYTES) {
      throw bad(
          file,
          "tensor '" + name + "' of shape " + shape + " lies at " + offsets,
          size * Float.BYTES + " bytes within " + data);
    }
    int[] dims = IntStream.range(0, shape.size()).map(i -> shape.get(i).asInt()).toArray();
    return new Place(name, Shape.of(dims), begin, end);
  }

  private static RunException bad(String file, String found, String expected) {
    return new RunException(
        "File '%s' is no good safetensors file: %s, expected %s; use another checkpoint."
            .formatted(file, found, expected));
  }
}
