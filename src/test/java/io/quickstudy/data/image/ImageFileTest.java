package io.quickstudy.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;

/**
 * Files as a viewer shows them. What is right was compared with libjpeg, libwebp and Little CMS.
 */
class ImageFileTest {
  private static final int HEIGHT = 4;
  private static final int WIDTH = 6;

  /** The painted picture in lossless WebP, by libwebp. */
  static final String WEBP =
      "UklGRiwAAABXRUJQVlA4TCAAAAAvBcAAALmM6H/sIqL/AYVsI0AHdv5iP8KgDHJMAERKDg==";

  /** The same with EXIF's orientation 6. */
  static final String WEBP_TURNED =
      "UklGRmAAAABXRUJQVlA4WAoAAAAIAAAABQAAAwAAVlA4TCAAAAAvBcAAALmM6H/sIqL/AYVsI0AHdv5iP8KgDHJM"
          + "AERKDkVYSUYaAAAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA=";

  /** 200, 60, 30: lossy; half transparent; animated, and black after that. */
  static final String WEBP_LOSSY =
      "UklGRjoAAABXRUJQVlA4IC4AAADQAQCdASoGAAQAAUAmJaACdLoB+AADsAD+7nZ//lKvBY3cz/9tD+tD+tD/pQAA";

  static final String WEBP_ALPHA = "UklGRh4AAABXRUJQVlA4TBEAAAAvBcAAEAdQniLXo4CBiOh/AAA=";
  static final String WEBP_FILM =
      "UklGRoQAAABXRUJQVlA4WAoAAAACAAAABQAAAwAAQU5JTQYAAAAAAAAAAABBTk1GKgAAAAAAAAAAAAUAAAMAAAAA"
          + "AAJWUDhMEQAAAC8FwAAAB1CeItej/4GI6H8AAEFOTUYmAAAAAAAAAAAABQAAAwAAAAAAAFZQOEwOAAAALwXAAAAH"
          + "EBH9D0RE/wM=";

  static byte[] bytes(String base64) {
    return Base64.getDecoder().decode(base64);
  }

  private static BufferedImage painted() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      image.setRGB(
          i % WIDTH, i / WIDTH, ((40 * (i % WIDTH)) << 16) | ((60 * (i / WIDTH)) << 8) | 200);
    }
    return image;
  }

  private static byte[] written(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, out), format);
    return out.toByteArray();
  }

  static byte[] tiff(String compression) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionType(compression);
      writer.write(null, new IIOImage(painted(), null, null), param);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  private static byte[] decoded(byte[] file) {
    return Pixels.decode(file, "x", 3, 1 << 14).values();
  }

  private static void assertColour(int red, int green, int blue, byte[] file, int tolerance) {
    byte[] v = decoded(file);
    for (int i = 0; i < v.length; i += 3) {
      int[] found = {v[i] & 255, v[i + 1] & 255, v[i + 2] & 255};
      assertEquals(red, found[0], tolerance, Arrays.toString(found));
      assertEquals(green, found[1], tolerance, Arrays.toString(found));
      assertEquals(blue, found[2], tolerance, Arrays.toString(found));
    }
  }

  private static void assertRefused(String part, byte[] file) {
    String message =
        assertThrows(DataException.class, () -> Pixels.decode(file, "x.img", 3, 1 << 14))
            .getMessage();
    assertTrue(message.contains(part) && message.contains("x.img"), message);
    assertTrue(message.contains("expected") && message.endsWith("."), message);
  }

  @Test
  void everyFormatGivesTheSamePixels() throws IOException {
    byte[] expected = Pixels.of(painted(), 3).values();
    for (String format : List.of("png", "bmp")) {
      assertArrayEquals(expected, decoded(written(painted(), format)), format);
    }
    for (String compression : List.of("None", "LZW", "Deflate", "PackBits")) {
      assertArrayEquals(expected, decoded(tiff(compression)), compression);
    }
    assertArrayEquals(expected, decoded(bytes(WEBP)), "WebP");
    BufferedImage two = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    two.setRGB(1, 0, 0xC83C1E);
    assertArrayEquals(new byte[] {0, 0, 0, -56, 60, 30}, decoded(written(two, "gif")));
  }

  @Test
  void webpIsReadHoweverItWasWritten() {
    assertColour(200, 60, 30, bytes(WEBP_LOSSY), 6);
    assertColour(200, 60, 30, bytes(WEBP_FILM), 0);
    assertColour(227, 157, 142, bytes(WEBP_ALPHA), 0);
  }

  /** A grey TIFF of 2 rows and 3 columns with the values 0, 1, ..., 5 times 40. */
  static byte[] turnedTiff(int orientation, ByteOrder order) {
    int[][] fields = {
      {256, 3},
      {257, 2},
      {258, 8},
      {259, 1},
      {262, 1},
      {273, 8},
      {274, orientation},
      {277, 1},
      {278, 2},
      {279, 6}
    };
    ByteBuffer b = ByteBuffer.allocate(14 + 2 + 12 * fields.length + 4).order(order);
    b.put((order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes(StandardCharsets.US_ASCII));
    b.putShort((short) 42).putInt(14);
    for (int i = 0; i < 6; i++) {
      b.put((byte) (40 * i));
    }
    b.putShort((short) fields.length);
    for (int[] f : fields) {
      b.putShort((short) f[0]).putShort((short) 3).putInt(1);
      b.putShort((short) f[1]).putShort((short) 0);
    }
    return b.putInt(0).array();
  }

  /** EXIF with one field more than the orientation. */
  private static byte[] exif(int orientation) {
    ByteBuffer b = ByteBuffer.allocate(8 + 2 + 2 * 12 + 4).order(ByteOrder.LITTLE_ENDIAN);
    b.put("II".getBytes(StandardCharsets.US_ASCII)).putShort((short) 42).putInt(8);
    b.putShort((short) 2);
    b.putShort((short) 271).putShort((short) 2).putInt(3).putInt('A' << 8 | 'b');
    b.putShort((short) 274).putShort((short) 3).putInt(1).putInt(orientation);
    return b.putInt(0).array();
  }

  private static byte[] withSegment(byte[] jpeg, int marker, byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(p -> p.length).sum();
    ByteBuffer b = ByteBuffer.allocate(jpeg.length + 4 + length).put(jpeg, 0, 2);
    b.put((byte) 0xFF).put((byte) marker).putShort((short) (2 + length));
    for (byte[] p : parts) {
      b.put(p);
    }
    return b.put(jpeg, 2, jpeg.length - 2).array();
  }

  private static byte[] withChunk(byte[] png, String name, byte[] data) {
    int header = 33;
    ByteBuffer b = ByteBuffer.allocate(png.length + 12 + data.length).put(png, 0, header);
    b.putInt(data.length).put(name.getBytes(StandardCharsets.US_ASCII)).put(data);
    CRC32 crc = new CRC32();
    crc.update(b.array(), header + 4, 4 + data.length);
    return b.putInt((int) crc.getValue()).put(png, header, png.length - header).array();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void picturesAreUprightAsExifSays() throws IOException {
    // the numbers of the stored pixels, 0 1 2 / 3 4 5, where they have to be
    int[][] upright = {
      {0, 1, 2, 3, 4, 5},
      {2, 1, 0, 5, 4, 3},
      {5, 4, 3, 2, 1, 0},
      {3, 4, 5, 0, 1, 2},
      {0, 3, 1, 4, 2, 5},
      {3, 0, 4, 1, 5, 2},
      {5, 2, 4, 1, 3, 0},
      {2, 5, 1, 4, 0, 3}
    };
    BufferedImage blocks = new BufferedImage(24, 16, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 24 * 16; i++) {
      int x = i % 24;
      int y = i / 24;
      blocks.getRaster().setSample(x, y, 0, 40 * (x / 8 + 3 * (y / 8)));
    }
    for (int o = 1; o <= 8; o++) {
      List<byte[]> files = new ArrayList<>();
      files.add(turnedTiff(o, ByteOrder.BIG_ENDIAN));
      files.add(turnedTiff(o, ByteOrder.LITTLE_ENDIAN));
      byte[] jpeg = written(blocks, "jpg");
      files.add(withSegment(jpeg, 0xE1, text("Exif\0\0"), exif(o)));
      files.add(withChunk(written(blocks, "png"), "eXIf", exif(o)));
      for (byte[] file : files) {
        Pixels p = Pixels.decode(file, "x", 1, 100);
        int times = Math.max(p.height(), p.width()) / 3;
        assertEquals((o < 5 ? 2 : 3) * times, p.height(), "orientation " + o);
        for (int i = 0; i < 6; i++) {
          int columns = o < 5 ? 3 : 2;
          int at = (i / columns * times + times / 2) * p.width() + i % columns * times + times / 2;
          assertEquals(40 * upright[o - 1][i], p.values()[at] & 255, 3, o + ", pixel " + i);
        }
      }
    }
    assertArrayEquals(
        Orientation.upright(Pixels.of(painted(), 3), 6).values(), decoded(bytes(WEBP_TURNED)));
  }

  @Test
  void damagedExifTurnsNothing() throws IOException {
    byte[] jpeg = written(painted(), "jpg");
    byte[] expected = decoded(jpeg);
    byte[] whole = exif(6);
    for (int cut = 0; cut < whole.length - 6; cut++) {
      byte[] file = withSegment(jpeg, 0xE1, text("Exif\0\0"), Arrays.copyOf(whole, cut));
      assertEquals(expected.length, decoded(file).length, "cut at " + cut);
    }
    for (int o : new int[] {0, 9, 65535}) {
      assertArrayEquals(expected, decoded(withSegment(jpeg, 0xE1, text("Exif\0\0"), exif(o))));
    }
    byte[] far = exif(6);
    ByteBuffer.wrap(far).order(ByteOrder.LITTLE_ENDIAN).putInt(4, -1);
    assertArrayEquals(expected, decoded(withSegment(jpeg, 0xE1, text("Exif\0\0"), far)));
  }

  /** Four numbers of each pixel as they are. */
  private static byte[] fourColours(int... values) throws IOException {
    WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 8, 8, 4, null);
    for (int i = 0; i < 64; i++) {
      raster.setPixel(i % 8, i / 8, values);
    }
    ImageWriter writer = null;
    for (var all = ImageIO.getImageWritersByFormatName("jpeg"); all.hasNext(); ) {
      ImageWriter next = all.next();
      writer = next.getClass().getName().startsWith("com.sun") ? next : writer;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(raster, null, null), null);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  private static byte[] adobe(int transform) {
    byte[] marker = new byte[12];
    System.arraycopy(text("Adobe\0d"), 0, marker, 0, 7);
    marker[11] = (byte) transform;
    return marker;
  }

  @Test
  void inksForPrintersAreColours() throws IOException {
    // Adobe's programs store how much of each ink is missing
    byte[] cmyk = withSegment(fourColours(250, 100, 50, 204), 0xEE, adobe(0));
    assertColour(200, 80, 40, cmyk, 3);
    // luminance and chroma of the inks themselves, which is the negative
    byte[] ycck = withSegment(fourColours(55, 128, 128, 255), 0xEE, adobe(2));
    assertColour(200, 200, 200, ycck, 3);
    byte[] red = withSegment(fourColours(179, 171, 1, 255), 0xEE, adobe(2));
    assertColour(255, 1, 1, red, 4);
  }

  @Test
  void jfifIsBelievedBeforeAdobe() throws IOException {
    byte[] jpeg = written(painted(), "jpg");
    assertEquals((byte) 0xE0, jpeg[3], "JFIF comes first");
    int end = 4 + (jpeg[4] << 8 | jpeg[5]);
    byte[] jfif = Arrays.copyOf(jpeg, end);
    byte[] rest = Arrays.copyOfRange(jpeg, end, jpeg.length);
    byte[] start = {-1, -40};
    byte[] marked = withSegment(join(start, rest), 0xEE, adobe(0));
    byte[] both = join(jfif, Arrays.copyOfRange(marked, 2, marked.length));
    assertArrayEquals(decoded(jpeg), decoded(both));
    // alone it means what it says
    assertTrue(!Arrays.equals(decoded(jpeg), decoded(marked)));
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  @Test
  void profilesAreApplied() throws IOException {
    byte[] wide;
    try (InputStream in =
        com.twelvemonkeys.imageio.color.ColorProfiles.class.getResourceAsStream(
            "/profiles/ClayRGB1998.icc")) {
      wide = in.readAllBytes();
    }
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64; i++) {
      image.setRGB(i % 8, i / 8, 0xA06432);
    }
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    chunk.write(text("wide\0\0"));
    try (DeflaterOutputStream deflated = new DeflaterOutputStream(chunk)) {
      deflated.write(wide);
    }
    assertColour(160, 100, 50, written(image, "png"), 0);
    byte[] png = withChunk(written(image, "png"), "iCCP", chunk.toByteArray());
    assertColour(179, 100, 42, png, 1);
    byte[] jpeg = withSegment(written(image, "jpg"), 0xE2, text("ICC_PROFILE\0\1\1"), wide);
    assertColour(179, 100, 42, jpeg, 3);
    byte[] broken = Arrays.copyOf(chunk.toByteArray(), 40);
    assertColour(160, 100, 50, withChunk(written(image, "png"), "iCCP", broken), 0);
  }

  @Test
  void aGifIsShownWhereItLiesOnItsScreen() throws IOException {
    BufferedImage two = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    two.setRGB(1, 0, 0xC83C1E);
    byte[] gif = written(two, "gif");
    ByteBuffer b = ByteBuffer.wrap(gif).order(ByteOrder.LITTLE_ENDIAN);
    int picture = 13 + 3 * (2 << (gif[10] & 7));
    while (gif[picture] != ',') { // extensions come before it
      picture++;
    }
    b.putShort(6, (short) 3).putShort(8, (short) 2).putShort(picture + 3, (short) 1);
    b.putShort(picture + 1, (short) 1);
    assertArrayEquals(
        new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, -56, 60, 30},
        decoded(gif));
  }

  @Test
  void lightInkOnTransparencyIsSeen() {
    BufferedImage ink = new BufferedImage(4, 1, BufferedImage.TYPE_INT_ARGB);
    ink.setRGB(1, 0, 0xFFFFFFFF);
    ink.setRGB(2, 0, 0x80FFFFFF);
    assertArrayEquals(new byte[] {0, -1, -128, 0}, Pixels.of(ink, 1).values());
    ink.setRGB(1, 0, 0xFF000000);
    ink.setRGB(2, 0, 0x80000000);
    assertArrayEquals(new byte[] {-1, 0, 127, -1}, Pixels.of(ink, 1).values());
    BufferedImage opaque = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    opaque.setRGB(0, 0, 0xFFFFFFFF);
    opaque.setRGB(1, 0, 0xFFFFFFFF);
    assertArrayEquals(new byte[] {-1, -1}, Pixels.of(opaque, 1).values());
    BufferedImage empty = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    assertArrayEquals(new byte[] {-1, -1}, Pixels.of(empty, 1).values());
  }

  @Test
  void whatIsCutIsRefusedInEveryFormat() throws IOException {
    List<byte[]> whole = new ArrayList<>(List.of(bytes(WEBP), bytes(WEBP_LOSSY)));
    whole.add(bytes(WEBP_FILM));
    whole.add(tiff("LZW"));
    for (String format : List.of("png", "jpg", "bmp", "gif")) {
      whole.add(written(painted(), format));
    }
    for (byte[] file : whole) {
      assertTrue(decoded(file).length > 0);
      for (int length = 13; length < file.length * 3 / 4; length += 7) {
        byte[] cut = Arrays.copyOf(file, length);
        assertThrows(DataException.class, () -> decoded(cut), ImageFormat.of(file) + " " + length);
      }
      assertRefused("xpected", Arrays.copyOf(file, file.length / 2));
    }
  }

  @Test
  void whatClaimsToBeHugeIsRefused() throws IOException {
    byte[] webp = bytes(WEBP_LOSSY);
    ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN).putShort(26, (short) 16_000);
    ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN).putShort(28, (short) 16_000);
    assertRefused("claims 16000 x 16000 pixels", webp);
    byte[] bmp = written(painted(), "bmp");
    ByteBuffer.wrap(bmp).order(ByteOrder.LITTLE_ENDIAN).putInt(18, 100_000).putInt(22, 9);
    assertRefused("does not decode", bmp);
    byte[] tiff = turnedTiff(1, ByteOrder.BIG_ENDIAN);
    ByteBuffer.wrap(tiff).putShort(16 + 8, (short) 16_000).putShort(28 + 8, (short) 16_000);
    assertRefused("claims 16000 x 16000 pixels", tiff);
    byte[] gif = written(painted(), "gif");
    ByteBuffer b = ByteBuffer.wrap(gif).order(ByteOrder.LITTLE_ENDIAN);
    b.putShort(6, (short) 16_001).putShort(8, (short) 16_001);
    assertEquals(24 * 3, decoded(gif).length); // a screen alone is nothing
  }

  @Test
  void whatIsNotReadIsNamed() {
    assertRefused("is in HEIC", text("\0\0\0\30ftypheic\0\0\0\0"));
    assertRefused("is in AVIF", text("\0\0\0\30ftypavif\0\0\0\0"));
    assertRefused("is in SVG", text("<svg xmlns='x'/>"));
    assertRefused("is a PDF", text("%PDF-1.7"));
    assertRefused("no known format: expected PNG, JPEG, WebP, TIFF, BMP or GIF", text("II"));
  }
}
