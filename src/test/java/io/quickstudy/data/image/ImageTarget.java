package io.quickstudy.data.image;

import io.quickstudy.fuzz.Target;
import java.awt.Color;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Images: the decoder is the JDK's, the limits are ours. */
public abstract class ImageTarget implements Target {
  private static final int MAX_SIDE = 64;
  private static final int WIDTH = 9;
  private static final int HEIGHT = 7;

  private final String format;

  ImageTarget(String format) {
    this.format = format;
  }

  @Override
  public final void parse(byte[] input) {
    int channels = input.length % 2 == 0 ? 1 : 3;
    Pixels image = Pixels.decode(input, "x." + format, channels, MAX_SIDE);
    if (image.height() > MAX_SIDE || image.width() > MAX_SIDE) {
      throw new AssertionError("%s x %s pixels".formatted(image.height(), image.width()));
    }
    Pixels scaled = image.inverted().resized(5, 6);
    if (scaled.values().length != 30 * channels) {
      throw new AssertionError(scaled.values().length + " values");
    }
  }

  /** PNG. */
  public static final class Png extends ImageTarget {
    /** A target. */
    public Png() {
      super("png");
    }

    @Override
    public List<byte[]> seeds() throws IOException {
      List<byte[]> seeds = new ArrayList<>();
      for (int type :
          new int[] {
            BufferedImage.TYPE_BYTE_BINARY,
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_USHORT_GRAY,
            BufferedImage.TYPE_INT_RGB,
            BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_BYTE_INDEXED
          }) {
        BufferedImage image = painted(new BufferedImage(WIDTH, HEIGHT, type));
        seeds.add(written(image, "png", ImageWriteParam.MODE_DISABLED));
        seeds.add(written(image, "png", ImageWriteParam.MODE_DEFAULT));
      }
      seeds.add(written(greyWithAlpha(), "png", ImageWriteParam.MODE_DISABLED));
      return seeds;
    }

    /** Grey with transparency, which no constant names. */
    private static BufferedImage greyWithAlpha() {
      ColorModel model =
          new ComponentColorModel(
              ColorSpace.getInstance(ColorSpace.CS_GRAY),
              true,
              false,
              java.awt.Transparency.TRANSLUCENT,
              DataBuffer.TYPE_BYTE);
      WritableRaster raster = model.createCompatibleWritableRaster(WIDTH, HEIGHT);
      return new BufferedImage(model, raster, false, null);
    }

    @Override
    public List<byte[]> extremes() throws IOException {
      byte[] whole = seeds().get(6);
      List<byte[]> all = new ArrayList<>();
      for (String chunk :
          new String[] {"PLTE", "tRNS", "tEXt", "zTXt", "iTXt", "iCCP", "gAMA", "eXIf", "abcd"}) {
        for (int length : new int[] {-1, Integer.MAX_VALUE, 400 << 20, 0, 1}) {
          all.add(withChunk(whole, chunk, length));
        }
      }
      for (int side : new int[] {0, -1, 64, 65, 100_000, Integer.MAX_VALUE}) {
        byte[] claims = whole.clone();
        ByteBuffer.wrap(claims).putInt(16, side).putInt(20, side);
        CRC32 crc = new CRC32();
        crc.update(claims, 12, 17);
        ByteBuffer.wrap(claims).putInt(29, (int) crc.getValue());
        all.add(claims);
      }
      return all;
    }

    /** A chunk that claims a length, behind the header. */
    private static byte[] withChunk(byte[] png, String type, int length) {
      int header = 33;
      ByteBuffer out = ByteBuffer.allocate(png.length + 16).put(png, 0, header).putInt(length);
      out.put(type.getBytes(StandardCharsets.US_ASCII));
      return out.putLong(0).put(png, header, png.length - header).array();
    }
  }

  /** JPEG. */
  public static final class Jpeg extends ImageTarget {
    /** A target. */
    public Jpeg() {
      super("jpg");
    }

    @Override
    public List<byte[]> seeds() throws IOException {
      List<byte[]> seeds = new ArrayList<>();
      for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_INT_RGB}) {
        BufferedImage image = painted(new BufferedImage(WIDTH, HEIGHT, type));
        seeds.add(written(image, "jpeg", ImageWriteParam.MODE_DISABLED));
        seeds.add(written(image, "jpeg", ImageWriteParam.MODE_DEFAULT));
      }
      return seeds;
    }

    @Override
    public List<byte[]> extremes() throws IOException {
      List<byte[]> all = new ArrayList<>();
      for (byte[] seed : seeds()) {
        for (int i = 2; i + 8 < seed.length; i++) {
          boolean frame =
              seed[i] == -1 && (seed[i + 1] & 0xFF) >= 0xC0 && (seed[i + 1] & 0xFF) <= 0xC2;
          if (frame) {
            for (int side : new int[] {0, 1, 64, 65, 0xFFFF}) {
              byte[] claims = seed.clone();
              ByteBuffer.wrap(claims).putShort(i + 5, (short) side).putShort(i + 7, (short) side);
              all.add(claims);
            }
          }
        }
      }
      return all;
    }
  }

  static BufferedImage painted(BufferedImage image) {
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        image.setRGB(x, y, new Color(28 * x, 36 * y, 17 * (x ^ y), 255 - 20 * x).getRGB());
      }
    }
    return image;
  }

  /** A file; in passes, where the mode says so. */
  static byte[] written(BufferedImage image, String format, int progressive) throws IOException {
    ImageWriter writer =
        ImageIO.getImageWriters(ImageTypeSpecifier.createFromRenderedImage(image), format).next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      ImageWriteParam param = writer.getDefaultWriteParam();
      if (param.canWriteProgressive()) {
        param.setProgressiveMode(progressive);
      }
      writer.write(null, new IIOImage(image, null, null), param);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }
}
