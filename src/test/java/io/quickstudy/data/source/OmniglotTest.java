package io.quickstudy.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OmniglotTest {
  @TempDir Path directory;

  /** A white image with a black left half. */
  private static byte[] png(int side) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_BINARY);
    for (int y = 0; y < side; y++) {
      for (int x = side / 2; x < side; x++) {
        image.setRGB(x, y, 0xFFFFFF);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static Map<String, byte[]> half(String half) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name :
        new String[] {"B/character02/2_1", "B/character01/1_2", "A/character01/0_1"}) {
      files.put(half + "/" + name + ".png", png(105));
    }
    files.put(half + "/B/character01/1_1.png", png(20));
    files.put("__MACOSX/" + half + "/B/character01/._1_1.png", new byte[3]);
    return files;
  }

  private void zip(String half, Map<String, byte[]> files) throws IOException {
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(directory.resolve(half + ".zip")))) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
        zip.closeEntry();
      }
    }
  }

  private void zips() throws IOException {
    zip("images_background", half("images_background"));
    zip("images_evaluation", half("images_evaluation"));
  }

  private void unpack(Path to, String half) throws IOException {
    for (Map.Entry<String, byte[]> file : half(half).entrySet()) {
      Path target = to.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.write(target, file.getValue());
    }
  }

  private void assertError(String... parts) {
    String message =
        assertThrows(DataException.class, () -> Omniglot.load(directory, 28)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void zipsAndFoldersGiveTheSameOrderedSet() throws IOException {
    zips();
    ImageSet zipped = Omniglot.load(directory, 20);
    assertEquals(6, zipped.classes().size());
    assertEquals(new ImageClass("character01", "A", 0, 1), zipped.classes().get(0));
    assertEquals(new ImageClass("character01", "B", 1, 2), zipped.classes().get(1));
    assertEquals(new ImageClass("character02", "B", 7, 1), zipped.classes().get(5));
    byte[] image = zipped.image(0);
    assertEquals((byte) 255, image[0]);
    assertEquals(0, image[19]);
    assertEquals(255 * 4.75 / 5.25, image[9] & 255, 0.5, "black up to column 52 of 105");
    assertEquals(0, image[10]);
    for (String half : Omniglot.HALVES) {
      unpack(directory.resolve("unpacked").resolve("omniglot"), half);
    }
    assertEquals(zipped, Omniglot.load(directory.resolve("unpacked"), 20));
  }

  @Test
  void aMissingHalfIsNamed() throws IOException {
    zip("images_background", half("images_background"));
    assertError("lacks images_evaluation", directory.toString());
    assertThrows(DataException.class, () -> Omniglot.find(directory.resolve("nowhere")));
  }

  @Test
  void aTruncatedZipIsNamed() throws IOException {
    zips();
    Path zip = directory.resolve("images_evaluation.zip");
    byte[] whole = Files.readAllBytes(zip);
    Files.write(zip, Arrays.copyOf(whole, whole.length / 2));
    assertError("no whole zip", zip.toString());
    Files.write(zip, new byte[0]);
    assertError("no whole zip", zip.toString());
  }

  @Test
  void aDamagedZipIsNamed() throws IOException {
    zips();
    Path zip = directory.resolve("images_background.zip");
    byte[] bytes = Files.readAllBytes(zip);
    Arrays.fill(bytes, 60, 120, (byte) 0x55);
    Files.write(zip, bytes);
    assertError(zip.toString());
  }

  @Test
  void aForeignZipIsNamed() throws IOException {
    zips();
    zip("images_evaluation", Map.of("readme.txt", new byte[5]));
    assertError("no drawings", "images_evaluation.zip");
  }

  @Test
  void anEntryThatPointsOutsideIsRefused() throws IOException {
    zips();
    Map<String, byte[]> files = half("images_evaluation");
    files.put("../../images_evaluation/A/character01/evil.png", png(105));
    zip("images_evaluation", files);
    assertError("points outside", "evil.png");
  }

  @Test
  void imagesThatDoNotDecodeAreNamed() throws IOException {
    zips();
    Map<String, byte[]> files = half("images_background");
    byte[] image = png(105);
    files.put("images_background/A/character01/bad.png", Arrays.copyOf(image, 60));
    zip("images_background", files);
    assertError("bad.png", "does not decode");
    files.put(
        "images_background/A/character01/bad.png", "no image".getBytes(StandardCharsets.UTF_8));
    zip("images_background", files);
    assertError("bad.png", "no known format");
    files.put("images_background/A/character01/bad.png", new byte[2 << 20]);
    zip("images_background", files);
    assertError("bad.png", "larger than");
  }

  @Test
  void entriesThatLieAboutTheirLengthAreReadNoFurtherThanADrawingIsLong() throws IOException {
    zips();
    Map<String, byte[]> files = half("images_background");
    files.put("images_background/A/character01/bomb.png", new byte[64 << 20]);
    zip("images_background", files);
    Path zip = directory.resolve("images_background.zip");
    byte[] bytes = Files.readAllBytes(zip);
    assertTrue(bytes.length < 1 << 20, "it is a bomb");
    ByteBuffer entry = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int last = bytes.length - 22 - 46 - "images_background/A/character01/bomb.png".length();
    assertEquals(0x02014b50, entry.getInt(last), "the last entry of the directory");
    entry.putInt(last + 24, 10); // the length it claims to unpack to
    Files.write(zip, bytes);
    assertError("bomb.png");
    entry.putInt(last + 20, 1 << 30); // and packed
    Files.write(zip, bytes);
    assertError(zip.toString());
    entry.putInt(last + 20, 100);
    entry.putInt(last + 42, 1 << 30); // and where it begins
    Files.write(zip, bytes);
    assertError(zip.toString());
  }

  @Test
  void anEntryThatIsThereTwiceIsNamed() throws IOException {
    zips();
    Map<String, byte[]> files = half("images_background");
    files.put("images_background/A/character01/0_2.png", png(20));
    zip("images_background", files);
    Path zip = directory.resolve("images_background.zip");
    String latin = Files.readString(zip, StandardCharsets.ISO_8859_1);
    Files.writeString(zip, latin.replace("0_2.png", "0_1.png"), StandardCharsets.ISO_8859_1);
    assertError("0_1.png");
  }

  @Test
  void imagesThatClaimToBeHugeAreRefused() throws IOException {
    zips();
    byte[] image = png(105);
    ByteBuffer.wrap(image).putInt(16, 60_000).putInt(20, 60_000);
    CRC32 crc = new CRC32();
    crc.update(image, 12, 17);
    ByteBuffer.wrap(image).putInt(29, (int) crc.getValue());
    Map<String, byte[]> files = half("images_background");
    files.put("images_background/A/character01/huge.png", image);
    zip("images_background", files);
    assertError("huge.png", "60000 x 60000", "at most 105");
  }

  @Test
  void placesAreTriedInOrder() throws IOException {
    Path home = directory.resolve("home");
    Map<String, String> none = Map.of();
    assertEquals(Optional.empty(), Omniglot.find(null, none, home));
    Path cache = home.resolve(".cache/quickstudy/omniglot");
    unpack(cache, "images_background");
    assertEquals(Optional.empty(), Omniglot.find(null, none, home));
    unpack(cache, "images_evaluation");
    assertEquals(Optional.of(cache), Omniglot.find(null, none, home));
    Path data = directory.resolve("data");
    Map<String, String> set = Map.of("QUICKSTUDY_DATA", data.toString());
    assertEquals(Optional.of(cache), Omniglot.find(null, set, home));
    unpack(data.resolve("omniglot"), "images_background");
    unpack(data.resolve("omniglot"), "images_evaluation");
    assertEquals(Optional.of(data.resolve("omniglot")), Omniglot.find(null, set, home));
    assertEquals(Optional.of(cache), Omniglot.find(cache, set, home));
  }
}
