package io.quickstudy.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.Shape;
import io.quickstudy.runtime.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That tensors survive their file bit by bit, and that no damaged file is believed. */
class SafetensorsTest {
  private static final String GOOD =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

  private static byte[] file(String header, int data) {
    return file(header, header.length(), data);
  }

  private static byte[] file(String header, long length, int data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(text)
        .array();
  }

  private static String refused(byte[] bytes) {
    return assertThrows(RunException.class, () -> Safetensors.read("f", bytes)).getMessage();
  }

  private static String refused(String header) {
    return refused(file(header, 8));
  }

  @Test
  void everyBitSurvives() {
    Map<String, Array> m = new LinkedHashMap<>();
    float[] odd = {-0f, Float.MIN_VALUE, Float.MAX_VALUE, 1 / 3f, 0, 7};
    m.put("conv1.weight", new Array(Shape.of(1, 2, 3), odd));
    m.put("scalar", new Array(Shape.of(), new float[] {4}));
    Map<String, Array> back = Safetensors.read("f", Safetensors.write(m));
    assertEquals(List.copyOf(m.keySet()), List.copyOf(back.keySet()));
    m.forEach(
        (n, a) -> {
          assertEquals(a.shape(), back.get(n).shape());
          assertArrayEquals(bits(a), bits(back.get(n)));
        });
    assertEquals(Map.of(), Safetensors.read("f", Safetensors.write(Map.of())));
  }

  private static int[] bits(Array a) {
    int[] bits = new int[a.data().length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(a.data()[i]));
    return bits;
  }

  @Test
  void theHeaderIsPaddedToEight() {
    byte[] bytes = Safetensors.write(Map.of("ab", new Array(Shape.of(1), new float[1])));
    assertEquals(0, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
  }

  @Test
  void truncatedFilesAreRefusedAtEveryLength() {
    byte[] whole = file(GOOD, 8);
    assertEquals(1, Safetensors.read("f", whole).size());
    for (int n = 0; n < whole.length; n++) {
      assertTrue(refused(Arrays.copyOf(whole, n)).startsWith("File 'f' is no good safetensors"));
    }
    refused(Arrays.copyOf(whole, whole.length + 1));
  }

  @Test
  void aHeaderOfAnyLengthIsBounded() {
    for (long length : new long[] {-1, 0, 1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 31, 1 << 30}) {
      assertTrue(refused(file(GOOD, length, 8)).contains("its header says it has " + length));
    }
  }

  @Test
  void headersThatLieAreRefused() {
    assertTrue(refused("[]").contains("no JSON object"));
    assertTrue(refused("{\"a\":").contains("header is damaged"));
    assertTrue(refused(GOOD.replace("F32", "F16")).contains("type 'F16'"));
    assertTrue(refused(GOOD.replace("[2]", "[3]")).contains("[3]"));
    assertTrue(refused(GOOD.replace("[2]", "[-2]")).contains("[-2]"));
    assertTrue(refused(GOOD.replace("[2]", "2")).contains("shape 2"));
    assertTrue(refused(GOOD.replace("[2]", "[65536,65536,65536,65536]")).contains("65536"));
    assertTrue(refused(GOOD.replace("[0,8]", "[4,12]")).contains("[4,12]"));
    assertTrue(refused(GOOD.replace("[0,8]", "[-8,0]")).contains("[-8,0]"));
    assertTrue(refused(GOOD.replace("[0,8]", "[0]")).contains("[0]"));
    assertTrue(refused(GOOD.replace("[0,8]", "[0,9223372036854775807]")).contains("92233"));
    assertTrue(refused("{}").contains("end at byte 0"));
    String twice = GOOD.substring(0, GOOD.length() - 1) + "," + GOOD.substring(1);
    assertTrue(refused(twice).contains("header is damaged"), refused(twice));
    String overlap =
        GOOD.substring(0, GOOD.length() - 1) + "," + GOOD.substring(1).replace("a", "b");
    refused(overlap);
  }
}
