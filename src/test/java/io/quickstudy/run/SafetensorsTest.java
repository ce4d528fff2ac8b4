package io.quickstudy.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.Shape;
import io.quickstudy.runtime.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
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

  private static byte[] one(String type, int bytes, java.util.function.Consumer<ByteBuffer> put) {
    byte[] file =
        file(
            "{\"a\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,%s]}}"
                .formatted(type, bytes),
            bytes);
    put.accept(
        ByteBuffer.wrap(file, file.length - bytes, bytes).slice().order(ByteOrder.LITTLE_ENDIAN));
    return file;
  }

  @Test
  void floatsOfAnyWidthBecomeTheNearest() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("F16", one("F16", 4, b -> b.putShort((short) 0x3c00).putShort((short) 0xc200)));
    files.put("BF16", one("BF16", 4, b -> b.putShort((short) 0x3f80).putShort((short) 0xc040)));
    files.put("F32", one("F32", 8, b -> b.putFloat(1).putFloat(-3)));
    files.put("F64", one("F64", 16, b -> b.putDouble(1 + 1e-12).putDouble(-3)));
    files.forEach(
        (type, file) ->
            assertArrayEquals(
                new float[] {1, -3}, Safetensors.read("f", file).get("a").data(), type));
    assertEquals(
        "Tensor 'a' of 'f' has 1.0E300 at position 1: expected finite 32-bit floats; scale it"
            + " first.",
        refused(one("F64", 16, b -> b.putDouble(1).putDouble(1e300))));
    for (String whole : List.of("I64", "U64")) {
      assertEquals(
          "Tensor 'a' of 'f' has type '%s': expected F32, F16, BF16 or F64; convert it first."
              .formatted(whole),
          refused(one(whole, 16, b -> b.putLong(1))));
    }
    assertTrue(refused(one("BOOL", 2, b -> {})).contains("has type 'BOOL'"));
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
    assertTrue(refused(GOOD.replace("F32", "F16")).contains("expected 4 bytes of type F16"));
    assertTrue(refused(GOOD.replace("[2]", "[3]")).contains("[3]"));
    assertTrue(refused(GOOD.replace("[2]", "[-2]")).contains("[-2]"));
    assertTrue(refused(GOOD.replace("[2]", "2")).contains("shape 2"));
    assertTrue(refused(GOOD.replace("[2]", "[65536,65536,65536,65536]")).contains("65536"));
    assertTrue(refused(GOOD.replace("[0,8]", "[4,12]")).contains("[4, 12]"));
    assertTrue(refused(GOOD.replace("[0,8]", "[-8,0]")).contains("[-8, 0]"));
    assertTrue(refused(GOOD.replace("[0,8]", "[0]")).contains("[0]"));
    assertTrue(refused(GOOD.replace("[0,8]", "[0,9223372036854775807]")).contains("92233"));
    assertTrue(refused("{}").contains("end at byte 0"));
    String twice = GOOD.substring(0, GOOD.length() - 1) + "," + GOOD.substring(1);
    assertTrue(refused(twice).contains("header is damaged"), refused(twice));
  }

  /** An entry of 8 bytes at a place. */
  private static String entry(String name, int begin) {
    return GOOD.substring(1, GOOD.length() - 1)
        .replace("\"a\"", '"' + name + '"')
        .replace("[0,8]", "[%s,%s]".formatted(begin, begin + 8));
  }

  @Test
  void placesThatOverlapOrLeaveGapsAreRefused() {
    String two = "{" + entry("b", 8) + "," + entry("a", 0) + "}";
    assertEquals(List.of("a", "b"), List.copyOf(Safetensors.read("f", file(two, 16)).keySet()));
    for (int begin : new int[] {0, 1, 4, 7, 9, 16}) {
      String header = "{" + entry("a", 0) + "," + entry("b", begin) + "}";
      assertTrue(
          refused(file(header, begin + 8)).contains("begins at byte")
              || refused(file(header, 16)).contains("lies at"),
          header);
    }
    String third = "{" + entry("a", 0) + "," + entry("b", 8) + "," + entry("c", 8) + "}";
    assertTrue(refused(file(third, 16)).contains("'c' begins at byte 8, expected 16"));
    assertTrue(refused(file(third, 24)).contains("'c' begins at byte 8, expected 16"));
  }

  @Test
  void whatIsNoTensorIsRefused() {
    assertTrue(refused("{\"a\":1}").contains("tensor 'a' is 1"));
    assertTrue(refused("{\"a\":{}}").contains("expected a shape and a place"));
    assertTrue(refused(GOOD.replace("[2]", "[2.0]")).contains("[] then '2.0'"));
    assertTrue(refused(GOOD.replace("[2]", "[[2]]")).contains("whole numbers"));
    assertTrue(refused(GOOD.replace("[2]", "[null]")).contains("whole numbers"));
    assertTrue(refused(GOOD.replace("[2]", "[1e3]")).contains("whole numbers"));
    assertTrue(refused(GOOD.replace("[0,8]", "[0,8,8]")).contains("at most 2 whole"));
    assertTrue(refused(GOOD.replace("[0,8]", "[8,0]")).contains("[8, 0]"));
    assertTrue(refused(GOOD.replace("\"F32\"", "3")).contains("type ''"));
    assertTrue(refused(file(GOOD.replace("[2]", "[0]").replace("8]", "0]"), 0)).contains("[0]"));
    assertTrue(refused(GOOD.replace("[2]", "[0,9223372036854775807]")).contains("0 bytes"));
    assertTrue(refused(GOOD.replace("[2]", "[9223372036854775808]")).contains("damaged"));
    assertTrue(refused(GOOD + "{}").contains("goes on behind its end"));
    assertTrue(refused(GOOD.replace("F32", "F32\",\"dtype\":\"F32")).contains("damaged"));
    String metadata = GOOD.replace("{\"a\"", "{\"__metadata__\":%s,\"a\"");
    assertEquals(1, Safetensors.read("f", file(metadata.formatted("{\"x\":\"y\"}"), 8)).size());
    assertTrue(refused(metadata.formatted("[]")).contains("its metadata is ["));
    assertTrue(refused(metadata.formatted("{\"x\":1}")).contains("is no text"));
  }

  @Test
  void enormousHeadersAreReadInBoundedTimeAndMemory() {
    int million = 1_000_000;
    String ones = "1,".repeat(2 * million) + "1";
    String[] headers = {
      GOOD.replace("[2]", "[" + ones + "]"),
      GOOD.replace("\"dtype\"", "\"x\":[" + ones + "],\"dtype\"") + "x",
      GOOD.replace("\"dtype\"", "\"x\":" + "[".repeat(million) + ",\"dtype\""),
      GOOD.replace("\"dtype\"", "\"x\":" + "{\"x\":".repeat(million) + ",\"dtype\""),
      "[".repeat(million),
      "{\"a\":".repeat(million),
      GOOD.replace("[0,8]", "[0," + "8".repeat(million) + "]"),
      GOOD.replace("\"a\"", "\"" + "a".repeat(million) + "\"") + "x",
      GOOD.replace("F32", "F".repeat(million)),
      " ".repeat(4 * million) + "x",
    };
    for (String header : headers) {
      String said = assertTimeout(Duration.ofSeconds(20), () -> refused(header));
      assertTrue(said.length() < 600, () -> "a message of " + said.length() + " characters");
    }
    // the most tensors there is room for, each a lie about a billion numbers
    StringBuilder many = new StringBuilder("{");
    for (int i = 0; many.length() < 15 << 20; i++) {
      many.append(i > 0 ? "," : "").append(entry("t" + i, 0).replace("[2]", "[1000000000]"));
    }
    byte[] bytes = file(many.append('}').toString(), 8);
    assertTrue(assertTimeout(Duration.ofSeconds(20), () -> refused(bytes)).contains("1000000000"));
  }

  @Test
  void changedBytesAreReadOrRefused() {
    Map<String, Array> m = new LinkedHashMap<>();
    m.put("conv1.weight", new Array(Shape.of(1, 2, 3), new float[6]));
    m.put("scalar", new Array(Shape.of(), new float[] {4}));
    byte[] whole = Safetensors.write(m);
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] changed = whole.clone();
      for (int k = random.nextInt(1, 4); k > 0; k--) {
        changed[random.nextInt(whole.length)] = (byte) random.nextInt(256);
      }
      try {
        Safetensors.read("f", Arrays.copyOf(changed, whole.length - random.nextInt(2)));
      } catch (RunException e) {
        refused++; // any other exception fails
      }
    }
    assertTrue(refused > 10_000, "only " + refused + " were refused");
  }
}
