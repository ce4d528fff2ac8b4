package io.quickstudy.backend.cuda.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The kernels' text, which travels in the jar. */
public final class KernelSources {
  /** Each is compiled by itself. */
  public static final List<String> FILES =
      List.of(
          "conv.cu",
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
          "copy.cuh",
          "tile.cuh",
          "ffma.cuh",
          "mma.cuh",
          "conv.cuh",
          "quickstudy.h",
          "scalar.h",
          "nvrtc/stdint.h");

  private KernelSources() {}

  /** One of the files. */
  public static String text(String file) {
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

  /** The headers' texts, by the names that they are included by. */
  static Map<String, String> headers() {
    Map<String, String> out = new LinkedHashMap<>();
    HEADERS.forEach(h -> out.put(h.replace("nvrtc/", ""), text(h)));
    return out;
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

  /** A file's code, compiled unless it is in the cache. */
  public static byte[] code(String file, List<String> options, String version, KernelCache cache) {
    return code(file, text(file), options, version, cache);
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
