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
import java.util.stream.IntStream;

/**
 * F32 tensors in the safetensors format: eight bytes that say how long the header is, a JSON header
 * with the type, shape and place of each tensor, then the numbers, all little-endian. Files of
 * others, with other types, are read by what knows their layouts; both trust {@link
 * SafetensorsHeader} alone.
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
      throw SafetensorsHeader.bad(
          file, "it has " + bytes.length + " bytes", "at least " + LENGTH_BYTES);
    }
    byte[] text = new byte[SafetensorsHeader.length(file, in.getLong(), bytes.length)];
    in.get(text);
    int start = LENGTH_BYTES + text.length;
    Map<String, Array> tensors = new LinkedHashMap<>();
    for (SafetensorsHeader.Entry e :
        SafetensorsHeader.parse(file, text, bytes.length - start).entries()) {
      if (!e.dtype().equals("F32") || e.shape().contains(0L)) {
        throw SafetensorsHeader.bad(
            file,
            "tensor '%s' has type '%s' and shape %s"
                .formatted(SafetensorsHeader.shown(e.name()), e.dtype(), e.shape()),
            "F32 and at least one number");
      }
      // within the file's bytes, so that every number fits an int
      Shape shape = Shape.of(e.shape().stream().mapToInt(Math::toIntExact).toArray());
      float[] numbers = new float[shape.size()];
      in.slice(start + (int) e.begin(), (int) (e.end() - e.begin()))
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(numbers);
      tensors.put(e.name(), new Array(shape, numbers));
    }
    return tensors;
  }
}
