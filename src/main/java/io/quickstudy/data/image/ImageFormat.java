package io.quickstudy.data.image;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/**
 * The formats of image files that are read, each with one reader: another on the class path never
 * takes its place, so that pixels are the same everywhere. What a file is its first bytes say, not
 * its name.
 */
enum ImageFormat {
  /** Portable network graphics, by the JDK. */
  PNG("PNG", "com.sun.imageio.plugins.png.PNGImageReader"),
  /** By TwelveMonkeys around the JDK's, which knows neither CMYK nor all profiles. */
  JPEG("JPEG", "com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReader"),
  /** By TwelveMonkeys; lossy, lossless, or the first picture of an animation. */
  WEBP("WebP", "com.twelvemonkeys.imageio.plugins.webp.WebPImageReader"),
  /** By TwelveMonkeys; the first page. */
  TIFF("TIFF", "com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReader"),
  /** By the JDK. */
  BMP("BMP", "com.sun.imageio.plugins.bmp.BMPImageReader"),
  /** By the JDK; the first picture. */
  GIF("GIF", "com.sun.imageio.plugins.gif.GIFImageReader");

  /** "PNG, JPEG, WebP, TIFF, BMP or GIF", for messages. */
  static final String NAMES = "PNG, JPEG, WebP, TIFF, BMP or GIF";

  /** Of pictures that people have in folders and that are not read. */
  private static final List<String> OTHERS =
      List.of(
          "heic", "heif", "avif", "svg", "jxl", "jp2", "psd", "dng", "cr2", "nef", "arw", "ico");

  private static final int BRAND = 4;

  private static final Map<ImageFormat, ImageReaderSpi> PROVIDERS =
      new EnumMap<>(ImageFormat.class);

  private final String shown;
  private final String plugin;

  ImageFormat(String shown, String plugin) {
    this.shown = shown;
    this.plugin = plugin;
  }

  private List<String> endings() {
    return switch (this) {
      case PNG -> List.of("png");
      case JPEG -> List.of("jpg", "jpeg");
      case WEBP -> List.of("webp");
      case TIFF -> List.of("tif", "tiff");
      case BMP -> List.of("bmp");
      case GIF -> List.of("gif");
    };
  }

  /** Whether a file's name is that of an image. */
  static boolean named(Path file) {
    return Arrays.stream(values()).anyMatch(f -> ends(file, f.endings()));
  }

  /** Whether a file's name is that of an image in a format that is not read. */
  static boolean isOther(Path file) {
    return ends(file, OTHERS);
  }

  private static boolean ends(Path file, List<String> endings) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return endings.stream().anyMatch(e -> name.endsWith("." + e));
  }

  /** The format of a file by its first bytes; nothing if it is none that is read. */
  static Optional<ImageFormat> of(byte[] file) {
    if (starts(file, 0, "\u0089PNG\r\n\u001a\n")) {
      return Optional.of(PNG);
    }
    if (starts(file, 0, "\u00ff\u00d8\u00ff")) {
      return Optional.of(JPEG);
    }
    if (starts(file, 0, "RIFF") && starts(file, 2 * BRAND, "WEBP")) {
      return Optional.of(WEBP);
    }
    boolean tiff = starts(file, 0, "II") || starts(file, 0, "MM");
    if (tiff && Tiff.magic(file, 0)) {
      return Optional.of(TIFF);
    }
    if (starts(file, 0, "GIF87a") || starts(file, 0, "GIF89a")) {
      return Optional.of(GIF);
    }
    return starts(file, 0, "BM") ? Optional.of(BMP) : Optional.empty();
  }

  /** What a file is that is not read: "in HEIC", "in no known format". */
  static String other(byte[] file) {
    if (starts(file, BRAND, "ftyp")) {
      boolean av1 = starts(file, 2 * BRAND, "avif") || starts(file, 2 * BRAND, "avis");
      return av1 ? "in AVIF" : "in HEIC, or a film";
    }
    if (starts(file, 0, "%PDF")) {
      return "a PDF";
    }
    if (starts(file, 0, "\u00ff\n") || starts(file, BRAND, "JXL ")) {
      return "in JPEG XL";
    }
    if (starts(file, BRAND, "jP  ")) {
      return "in JPEG 2000";
    }
    boolean markup = starts(file, 0, "<svg") || starts(file, 0, "<?xml");
    return markup ? "in SVG" : "in no known format";
  }

  private static boolean starts(byte[] file, int at, String with) {
    byte[] bytes = with.getBytes(StandardCharsets.ISO_8859_1);
    int end = at + bytes.length;
    return file.length >= end && Arrays.equals(file, at, end, bytes, 0, bytes.length);
  }

  /** The name as people write it. */
  @Override
  public String toString() {
    return shown;
  }

  /** A reader, which is the caller's. */
  ImageReader reader() throws IOException {
    return provider().createReaderInstance();
  }

  private ImageReaderSpi provider() {
    synchronized (PROVIDERS) {
      return PROVIDERS.computeIfAbsent(this, f -> f.found());
    }
  }

  private ImageReaderSpi found() {
    IIORegistry registry = IIORegistry.getDefaultInstance();
    ImageReaderSpi there = registered(registry);
    if (there == null) {
      // a service may have made the registry before it could see our libraries
      switch (this) {
        case JPEG -> registry.registerServiceProvider(new JPEGImageReaderSpi());
        case WEBP -> registry.registerServiceProvider(new WebPImageReaderSpi());
        case TIFF -> registry.registerServiceProvider(new TIFFImageReaderSpi());
        case PNG, BMP, GIF -> {
          // the JDK's are always there
        }
      }
      there = registered(registry);
    }
    if (there == null) {
      throw new IllegalStateException("there is no " + plugin);
    }
    return there;
  }

  private ImageReaderSpi registered(IIORegistry registry) {
    Iterator<ImageReaderSpi> all = registry.getServiceProviders(ImageReaderSpi.class, false);
    while (all.hasNext()) {
      ImageReaderSpi next = all.next();
      if (plugin.equals(next.getPluginClassName())) {
        return next;
      }
    }
    return null;
  }
}
