package io.quickstudy.data.image;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageWriteParam;

/** The formats beside PNG and JPEG. */
public final class OtherImageTarget {
  private static final int[] SIDES = {0, 1, 64, 65, 16_000, 65_535};

  private OtherImageTarget() {}

  private static BufferedImage image(int type) {
    return ImageTarget.painted(new BufferedImage(9, 7, type));
  }

  /** Inputs that claim other sides, at the places of two numbers. */
  private static List<byte[]> claims(
      List<byte[]> seeds, int height, int width, ByteOrder order, boolean longs) {
    List<byte[]> all = new ArrayList<>();
    for (byte[] seed : seeds) {
      for (int side : SIDES) {
        ByteBuffer b = ByteBuffer.wrap(seed.clone()).order(order);
        if (longs) {
          b.putInt(height, side).putInt(width, side);
        } else {
          b.putShort(height, (short) side).putShort(width, (short) side);
        }
        all.add(b.array());
      }
    }
    return all;
  }

  /** WebP. */
  public static final class Webp extends ImageTarget {
    /** A target. */
    public Webp() {
      super("webp");
    }

    @Override
    public List<byte[]> seeds() {
      List<byte[]> seeds = new ArrayList<>();
      for (String file :
          List.of(
              ImageFileTest.WEBP_LOSSY,
              ImageFileTest.WEBP,
              ImageFileTest.WEBP_TURNED,
              ImageFileTest.WEBP_ALPHA,
              ImageFileTest.WEBP_FILM)) {
        seeds.add(ImageFileTest.bytes(file));
      }
      return seeds;
    }

    @Override
    public List<byte[]> extremes() {
      return claims(seeds().subList(0, 1), 28, 26, ByteOrder.LITTLE_ENDIAN, false);
    }
  }

  /** TIFF. */
  public static final class Tiffs extends ImageTarget {
    /** A target. */
    public Tiffs() {
      super("tiff");
    }

    @Override
    public List<byte[]> seeds() throws IOException {
      List<byte[]> seeds = new ArrayList<>();
      seeds.add(ImageFileTest.turnedTiff(6, ByteOrder.BIG_ENDIAN));
      seeds.add(ImageFileTest.turnedTiff(3, ByteOrder.LITTLE_ENDIAN));
      for (String compression : List.of("None", "LZW", "Deflate", "PackBits")) {
        seeds.add(ImageFileTest.tiff(compression));
      }
      return seeds;
    }

    @Override
    public List<byte[]> extremes() throws IOException {
      return claims(seeds().subList(0, 1), 36, 24, ByteOrder.BIG_ENDIAN, false);
    }
  }

  /** BMP. */
  public static final class Bmp extends ImageTarget {
    /** A target. */
    public Bmp() {
      super("bmp");
    }

    @Override
    public List<byte[]> seeds() throws IOException {
      List<byte[]> seeds = new ArrayList<>();
      for (int type :
          new int[] {
            BufferedImage.TYPE_BYTE_BINARY,
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_INT_RGB,
            BufferedImage.TYPE_BYTE_INDEXED
          }) {
        seeds.add(written(image(type), "bmp", ImageWriteParam.MODE_COPY_FROM_METADATA));
      }
      return seeds;
    }

    @Override
    public List<byte[]> extremes() throws IOException {
      return claims(seeds(), 22, 18, ByteOrder.LITTLE_ENDIAN, true);
    }
  }

  /** GIF. */
  public static final class Gif extends ImageTarget {
    /** A target. */
    public Gif() {
      super("gif");
    }

    @Override
    public List<byte[]> seeds() throws IOException {
      List<byte[]> seeds = new ArrayList<>();
      for (int type : new int[] {BufferedImage.TYPE_BYTE_BINARY, BufferedImage.TYPE_BYTE_INDEXED}) {
        seeds.add(written(image(type), "gif", ImageWriteParam.MODE_DISABLED));
        seeds.add(written(image(type), "gif", ImageWriteParam.MODE_DEFAULT));
      }
      return seeds;
    }

    @Override
    public List<byte[]> extremes() throws IOException {
      return claims(seeds(), 8, 6, ByteOrder.LITTLE_ENDIAN, false);
    }
  }
}
