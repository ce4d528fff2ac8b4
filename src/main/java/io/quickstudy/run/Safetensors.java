package io.quickstudy.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quickstudy.graph.Shape;
import io.quickstudy.runtime.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Tensors in the safetensors format: eight bytes that say how long the header is, a JSON header
 * with the type, shape and place of each tensor, then the numbers, all little-endian. What is
 * written is F32; what is read may be floats of any width, as {@link TensorFile} says.
 *
 * <p>Source: the format's description at github.com/huggingface/safetensors.
 */
public final class Safetensors {
  /** What the metadata of files in the layouts of this project say. */
  public static final String FORMAT = "quickstudy";

  private static final int LENGTH_BYTES = SafetensorsHeader.LENGTH_BYTES;
  private static final int ALIGNMENT = 8;
  private static final ObjectMapper JSON = new ObjectMapper();

  private Safetensors() {}

  /**
   * The bytes of a file.
   *
   * @param tensors by name, written in this order
   * @throws RunException if they exceed 2 GiB
   */
  public static byte[] write(Map<String, Array> tensors) {
    return write(tensors, FORMAT);
  }

  /**
   * As {@link #write(Map)}.
   *
   * @param format what the metadata say: "pt" for the layouts of PyTorch
   */
  public static byte[] write(Map<String, Array> tensors, String format) {
    ObjectNode header = JSON.createObjectNode();
    header.putObject(SafetensorsHeader.METADATA).put("format", format);
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
          "Tensors of %s bytes: expected less than 2 GiB in one file; make the model smaller."
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
   * The tensors of a file, by name, in the order of their places, as {@link TensorFile} reads them.
   *
   * @param file what to call it in messages
   * @param bytes all of it
   * @throws RunException if the bytes are no such file, saying what is wrong with them
   */
  public static Map<String, Array> read(String file, byte[] bytes) {
    try (TensorFile in = TensorFile.of(file, bytes)) {
      return read(in, name -> true);
    }
  }

  /**
   * As {@link #read(String, byte[])}, of some tensors of an open file alone.
   *
   * @param wanted which, by name
   */
  static Map<String, Array> read(TensorFile in, Predicate<String> wanted) {
    Map<String, Array> tensors = new LinkedHashMap<>();
    for (String name : in.names()) {
      if (!wanted.test(name)) {
        continue;
      }
      if (in.shape(name).contains(0L)) {
        throw SafetensorsHeader.bad(
            in.name(),
            "tensor '%s' has shape %s".formatted(SafetensorsHeader.shown(name), in.shape(name)),
            "at least one number");
      }
      float[] numbers = in.numbers(name);
      // as many as one array holds, so that every extent fits an int
      int[] shape = in.shape(name).stream().mapToInt(Math::toIntExact).toArray();
      tensors.put(name, new Array(Shape.of(shape), numbers));
    }
    return tensors;
  }
}
