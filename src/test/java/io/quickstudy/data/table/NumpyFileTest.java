package io.quickstudy.data.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrays as NumPy's save writes them, and what else ends in .npy. */
class NumpyFileTest {
  private static final float[] SIX = {1, -2, 3, 4, -5, 6};

  @TempDir private Path directory;

  /** A file as numpy.lib.format writes it. */
  static byte[] array(int version, String header, ByteOrder order, Consumer<ByteBuffer> numbers) {
    ByteBuffer data = ByteBuffer.allocate(4096).order(order);
    numbers.accept(data);
    data.flip();
    byte[] text = (header + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer b = ByteBuffer.allocate(4096 + text.length).order(ByteOrder.LITTLE_ENDIAN);
    b.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    if (version == 1) {
      b.putShort((short) text.length);
    } else {
      b.putInt(text.length);
    }
    b.put(text).put(data);
    return Arrays.copyOf(b.array(), b.position());
  }

  static String header(String type, boolean fortran, String shape) {
    return "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }"
        .formatted(type, fortran ? "True" : "False", shape);
  }

  private NumpyFile read(byte[] bytes) {
    try {
      return NumpyFile.read(Files.write(directory.resolve("own.npy"), bytes));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void refused(String expected, byte[] bytes) {
    String message = assertThrows(DataException.class, () -> read(bytes)).getMessage();
    assertTrue(message.contains(expected), message);
    assertTrue(message.contains("own.npy"), message);
    assertTrue(message.endsWith(".") && !message.contains("\n"), message);
  }

  private static void put(ByteBuffer b, String type, float v) {
    switch (type.substring(1)) {
      case "f2" -> b.putShort(Float.floatToFloat16(v));
      case "f4" -> b.putFloat(v);
      case "f8" -> b.putDouble(v);
      case "i1" -> b.put((byte) v);
      case "i2" -> b.putShort((short) v);
      case "i4" -> b.putInt((int) v);
      default -> b.putLong((long) v);
    }
  }

  @Test
  void everyTypeAndOrderIsRead() {
    for (String type : "<f2 >f2 <f4 >f4 <f8 >f8 |i1 <i2 >i2 <i4 >i4 <i8 >i8".split(" ", -1)) {
      ByteOrder order = type.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      for (int version = 1; version <= 3; version++) {
        byte[] bytes =
            array(
                version,
                header(type, false, "2, 3"),
                order,
                b -> {
                  for (float v : SIX) {
                    put(b, type, v);
                  }
                });
        NumpyFile f = read(bytes);
        assertEquals(2, f.rows());
        assertEquals(3, f.width());
        assertArrayEquals(SIX, f.values(), type);
        assertEquals(3, NumpyFile.width(f.file()));
      }
    }
    Consumer<ByteBuffer> large = b -> b.put((byte) 255).put((byte) 7);
    assertArrayEquals(
        new float[] {255, 7},
        read(array(1, header("|u1", false, "1, 2"), ByteOrder.LITTLE_ENDIAN, large)).values());
    Consumer<ByteBuffer> longs = b -> b.putLong(-1).putLong(1L << 40);
    assertArrayEquals(
        new float[] {0x1p64f, 0x1p40f},
        read(array(1, header("<u8", false, "2, 1"), ByteOrder.LITTLE_ENDIAN, longs)).values());
  }

  @Test
  void columnsThatCameOneAfterTheOtherAreRows() {
    byte[] bytes =
        array(
            1,
            header("<f4", true, "2, 3"),
            ByteOrder.LITTLE_ENDIAN,
            b -> b.putFloat(1).putFloat(4).putFloat(-2).putFloat(-5).putFloat(3).putFloat(6));
    assertArrayEquals(SIX, read(bytes).values());
    VectorFile v = VectorFile.read(directory.resolve("own.npy"));
    assertArrayEquals(new float[] {4, -5, 6}, v.rows().get(1).numbers());
    assertEquals("own.npy[1]", v.name(v.rows().get(1)));
  }

  private static byte[] f4(String header, float... values) {
    return array(
        1,
        header,
        ByteOrder.LITTLE_ENDIAN,
        b -> {
          for (float v : values) {
            b.putFloat(v);
          }
        });
  }

  @Test
  void whatIsWrongIsSaid() {
    String good = header("<f4", false, "2, 3");
    refused("is cut off", Arrays.copyOf(f4(good, SIX), f4(good, SIX).length - 1));
    refused("is cut off", f4(good));
    refused("is cut off", Arrays.copyOf(f4(good), 30));
    refused("more bytes than its 2 x 3 numbers", f4(good, 1, 2, 3, 4, 5, 6, 7));
    refused("the shape (6,): expected two axes", f4(header("<f4", false, "6,"), SIX));
    refused("the shape (1, 2, 3): expected two axes", f4(header("<f4", false, "1, 2, 3"), SIX));
    refused("the shape (): expected two axes", f4(header("<f4", false, ""), 1));
    refused("at least one row", f4(header("<f4", false, "0, 3")));
    refused("at least one number", f4(header("<f4", false, "3, 0")));
    refused("at most 268435456 numbers", f4(header("<f4", false, "99999999, 99999"), SIX));
    refused("at most 268435456", f4(header("<f4", false, "99999999999999999999, 1"), SIX));
    refused("the type '|O': expected float16, float32", f4(header("|O", false, "2, 3"), SIX));
    refused("the type '<c8'", f4(header("<c8", false, "2, 3"), SIX));
    refused("the type '|b1'", f4(header("|b1", false, "2, 3"), SIX));
    refused("the type '<U5'", f4(header("<U5", false, "2, 3"), SIX));
    refused(
        "columns of several types",
        f4("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", 1, 2));
    refused("without order or shape", f4("{'descr': '<f4'}", 1));
    refused("Row 1 of", f4(good, 1, 2, 3, 4, Float.NaN, 6));
    refused("has NaN in column 1, both counted from 0", f4(good, 1, 2, 3, 4, Float.NaN, 6));
    refused("Row 0 of", f4(header("<f4", true, "2, 3"), 1, 2, Float.POSITIVE_INFINITY, 4, 5, 6));
    refused("has Infinity in column 1", f4(header("<f4", true, "2, 3"), 1, 2, 1 / 0f, 4, 5, 6));
    Consumer<ByteBuffer> huge = b -> b.putDouble(1e300);
    refused(
        "has Infinity in column 0: expected a number of 32 bits"
            .replace(":", ", both counted from 0:"),
        array(1, header("<f8", false, "1, 1"), ByteOrder.LITTLE_ENDIAN, huge));
    refused("another beginning", "class,x\na,1\n".getBytes(StandardCharsets.UTF_8));
    refused("another beginning", new byte[0]);
    byte[] later = f4(good, SIX);
    later[6] = 4;
    refused("the format's version 4", later);
    refused(
        "a header of 4294967295 bytes",
        new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1, -1, -1});
  }
}
