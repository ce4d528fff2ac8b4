package io.quickstudy.backend.cuda.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The kernels' text, which travels in the jar. */
public final class KernelSources {
  /** Each is compiled by itself. */
  public static final List<String> FILES =
      List.of(
          "conv.cu",
          "conv_3xtf32.cu",
          "conv_tf32.cu",
          "factor.cu",
          "gemm.cu",
          "index.cu",
          "loop.cu",
          "pool.cu",
          "product.cu");

  /** What they include; NVRTC has no headers of its own. */
  public static final List<String> HEADERS =
      List.of(
          "args.h",
          "device.cuh",
          "generated.cuh",
          "task.cuh",
          "copy.cuh",
          "tile.cuh",
          "ffma.cuh",
          "mma.cuh",
          "conv.cuh",
          "quickstudy.h",
          "scalar.h",
          "nvrtc/stdint.h");

  private static final Pattern TILED = Pattern.compile("^QS_TILED\\((\\w+),.*$", Pattern.MULTILINE);

  private KernelSources() {}

  /** One of the files. */
  public static String text(String file) {
    return Texts.ALL.computeIfAbsent(file, KernelSources::read);
  }

  private static String read(String file) {
    String path = "/io/quickstudy/kernels/" + file;
    try (InputStream in = KernelSources.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(file + " is not in the jar; build it again");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What does not change while the program runs, read once. */
  private static final class Texts {
    private static final Map<String, String> ALL = new ConcurrentHashMap<>();
    private static final Map<String, String> HEADERS_BY_NAME = new LinkedHashMap<>();

    static {
      HEADERS.forEach(h -> HEADERS_BY_NAME.put(h.replace("nvrtc/", ""), text(h)));
    }
  }

  /** The headers' texts, by the names that they are included by. */
  static Map<String, String> headers() {
    return Collections.unmodifiableMap(Texts.HEADERS_BY_NAME);
  }

  /**
   * What is compiled and loaded for a kernel.
   *
   * @param name of its own
   * @param text a file, or of one with kernels for many tiles only what the kernel needs, so that
   *     several are compiled side by side and most of them never
   */
  public record Unit(String name, String text) {}

  /** The unit that has a kernel. */
  public static Unit unitOf(String kernel) {
    String file = fileOf(kernel);
    String text = text(file);
    if (!TILED.matcher(text).find()) {
      return new Unit(file, text);
    }
    boolean tiled = text.contains("QS_TILED(" + kernel + ",");
    String own = TILED.matcher(text).replaceAll(m -> m.group(1).equals(kernel) ? "$0" : "");
    return new Unit(tiled ? kernel + ".cu" : file, own);
  }

  /** The file that has a kernel. */
  public static String fileOf(String kernel) {
    Pattern definition =
        Pattern.compile("^QS_(KERNEL|KERNEL_OF|TILED)\\(" + kernel + "[,)]", Pattern.MULTILINE);
    return FILES.stream()
        .filter(f -> definition.matcher(text(f)).find())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no file has the kernel " + kernel));
  }

  /** A text's code, compiled unless it is in the cache. */
  public static byte[] code(
      String file, String source, List<String> options, String version, KernelCache cache) {
    Map<String, String> headers = headers();
    List<String> parts = new ArrayList<>(List.of(version, source));
    parts.addAll(options);
    headers.forEach((n, t) -> parts.addAll(List.of(n, t)));
    String entry = file.replace(".cu", "-") + KernelCache.key(parts) + ".bin";
    return cache.get(entry, () -> KernelCompiler.compile(file, source, headers, options).code());
  }
}
