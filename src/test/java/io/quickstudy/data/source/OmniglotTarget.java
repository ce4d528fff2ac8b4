package io.quickstudy.data.source;

import io.quickstudy.data.image.Pixels;
import io.quickstudy.fuzz.Scratch;
import io.quickstudy.fuzz.Target;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** A zip of Omniglot, and the drawings in it. */
public final class OmniglotTarget implements Target {
  private static final String HALF = "images_background";
  private static final String DRAWING = HALF + "/Greek/character01/0001_01.png";
  private static final int MOST = 10;

  private final Path zip = Scratch.folder().resolve(HALF + ".zip");

  @Override
  public void parse(byte[] input) throws IOException {
    Files.write(zip, input);
    try (OmniglotFiles files = OmniglotFiles.open(zip, HALF)) {
      for (OmniglotFiles.Drawing d : files.drawings().stream().limit(MOST).toList()) {
        Pixels.decode(files.read(d), files.describe(d), 1, 105);
      }
    }
  }

  private static byte[] png() throws IOException {
    BufferedImage image = new BufferedImage(5, 5, BufferedImage.TYPE_BYTE_BINARY);
    image.setRGB(2, 2, -1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  /** A zip of the same file under these names. */
  private static byte[] zip(int level, byte[] content, String... names) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream z = new ZipOutputStream(out)) {
      z.setLevel(level);
      for (String name : names) {
        ZipEntry e = new ZipEntry(name);
        e.setTime(1_000_000_000_000L);
        if (level == Deflater.NO_COMPRESSION) {
          CRC32 crc = new CRC32();
          crc.update(content);
          e.setMethod(ZipEntry.STORED);
          e.setSize(content.length);
          e.setCrc(crc.getValue());
        }
        z.putNextEntry(e);
        z.write(content);
        z.closeEntry();
      }
    }
    return out.toByteArray();
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    return List.of(
        zip(Deflater.NO_COMPRESSION, png(), DRAWING),
        zip(Deflater.BEST_COMPRESSION, png(), DRAWING),
        zip(
            Deflater.BEST_COMPRESSION,
            png(),
            "python/" + DRAWING,
            "__MACOSX/x",
            HALF + "/\u00e9/character2/a.png"));
  }

  @Override
  public List<byte[]> extremes() throws IOException {
    byte[] zeros = new byte[64 << 20];
    return List.of(
        zip(Deflater.BEST_COMPRESSION, zeros, DRAWING),
        zip(1, png(), HALF + "/A/character01/" + "x".repeat(60_000) + ".png"),
        zip(1, new byte[9], HALF + "/A/character01/" + "x\n".repeat(20_000) + ".png"),
        zip(1, png(), "../" + "x".repeat(60_000)),
        zip(1, png(), "a\nb:" + DRAWING),
        zip(1, png()));
  }
}
