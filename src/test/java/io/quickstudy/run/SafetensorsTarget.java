package io.quickstudy.run;

import io.quickstudy.fuzz.Target;
import io.quickstudy.graph.Shape;
import io.quickstudy.runtime.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Tensors in memory: what is read is written and read again. */
public final class SafetensorsTarget implements Target {
  @Override
  public void parse(byte[] input) {
    Map<String, Array> tensors = Safetensors.read("x.safetensors", input);
    Map<String, Array> again = Safetensors.read("again", Safetensors.write(tensors));
    if (!again.keySet().equals(tensors.keySet())) {
      throw new AssertionError(tensors.keySet() + " became " + again.keySet());
    }
  }

  @Override
  public List<byte[]> seeds() {
    Map<String, Array> tensors = new LinkedHashMap<>();
    tensors.put("conv1.weight", new Array(Shape.of(1, 1, 2, 1), new float[] {1, -2}));
    tensors.put("scale", new Array(Shape.of(), new float[] {3}));
    return List.of(
        Safetensors.write(tensors),
        Safetensors.write(Map.of()),
        file("{\"a\":{\"data_offsets\":[0,8],\"shape\":[2],\"dtype\":\"F32\",\"more\":[{}]}}", 8),
        file("{\"__metadata__\":{\"a\":\"b\",\"format\":\"pt\"}}  ", 0));
  }

  @Override
  public List<byte[]> extremes() {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < 100_000; i++) {
      header.append(String.format(Locale.ROOT, "\"%07d\":{\"dtype\":\"F32\",\"shape\":[1],", i));
      header.append("\"data_offsets\":[0,4]},");
    }
    String name = "n".repeat(4 << 20);
    return List.of(
        file(header.append("\"x\":1}").toString(), 4),
        file("{\"%s\":7}".formatted(name), 0),
        file("{\"a\":%s}".formatted("9".repeat(1 << 20)), 0),
        file("{\"a\":{\"shape\":[%s]}}".formatted("1,".repeat(1 << 20)), 0),
        file("[".repeat(1 << 20), 0),
        file("{\"a\":{\"b\":".repeat(1 << 18), 0),
        file(" ".repeat(4 << 20), 0));
  }

  /** A file of a header and so many bytes. */
  public static byte[] file(String header, int data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
    return file.putLong(text.length).put(text).array();
  }
}
