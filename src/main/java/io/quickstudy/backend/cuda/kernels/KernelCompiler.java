package io.quickstudy.backend.cuda.kernels;

import io.quickstudy.backend.BackendException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** NVRTC: from source to what a GPU's driver loads. Needs no GPU. */
public final class KernelCompiler {
  private static final int OK = 0;

  private KernelCompiler() {}

  /**
   * A file's result.
   *
   * @param code for the GPU's driver
   * @param log the compiler's messages
   */
  record Compiled(byte[] code, String log) {}

  /** The compiler's version, such as "13.1". */
  public static String version() {
    int[] major = new int[1];
    int[] minor = new int[1];
    check(nvrtc.nvrtcVersion(major, minor), "version");
    return major[0] + "." + minor[0];
  }

  /**
   * What to compile for: the GPU's own code, or where the compiler is older than the GPU, code that
   * the driver translates.
   *
   * @param capability the GPU's compute capability, 90 for 9.0
   * @throws BackendException if the GPU is too old for the compiler
   */
  public static String architecture(int capability) {
    int[] count = new int[1];
    check(nvrtc.nvrtcGetNumSupportedArchs(count), "architectures");
    int[] known = new int[count[0]];
    check(nvrtc.nvrtcGetSupportedArchs(known), "architectures");
    int best = Arrays.stream(known).filter(a -> a <= capability).max().orElse(0);
    if (best == 0) {
      throw new BackendException(
          String.format(
              Locale.ROOT,
              "The GPU is too old: it has compute capability %.1f, and CUDA %s needs %.1f or"
                  + " newer.",
              capability / 10.0,
              version(),
              Arrays.stream(known).min().orElse(0) / 10.0));
    }
    return (best == capability ? "sm_" : "compute_") + best;
  }

  /** The options that a kernel is compiled with. */
  public static List<String> options(String architecture) {
    return List.of(
        "--gpu-architecture=" + architecture,
        "--std=c++17",
        "--device-as-default-execution-space"); // quickstudy.h declares functions of the host
  }

  /**
   * As {@link #options}, and no multiplication melts into an addition: an op of a generated loop
   * rounds the same whatever stands beside it, so that what is computed again has the same bits.
   */
  public static List<String> exactOptions(String architecture) {
    List<String> all = new ArrayList<>(options(architecture));
    all.add("--fmad=false");
    return all;
  }

  /**
   * Compiles one file.
   *
   * @param headers what it includes, by name
   * @return its code, or the text of it with a closing zero where the driver is to translate it
   * @throws BackendException with the compiler's messages
   */
  static Compiled compile(
      String name, String source, Map<String, String> headers, List<String> options) {
    List<String> names = List.copyOf(headers.keySet());
    List<String> texts = names.stream().map(headers::get).toList();
    try (_nvrtcProgram program = new _nvrtcProgram();
        BytePointer text = new BytePointer(source, StandardCharsets.UTF_8);
        BytePointer title = new BytePointer(name, StandardCharsets.UTF_8);
        Strings included = new Strings(texts);
        Strings includedAs = new Strings(names);
        Strings given = new Strings(options)) {
      check(
          nvrtc.nvrtcCreateProgram(
              program, text, title, names.size(), included.pointers, includedAs.pointers),
          name);
      try {
        int rc = nvrtc.nvrtcCompileProgram(program, options.size(), given.pointers);
        if (rc != OK) {
          throw new BackendException(
              "%s did not compile (%s): %s"
                  .formatted(name, nvrtc.nvrtcGetErrorString(rc).getString(), log(program)));
        }
        return new Compiled(code(program, options), log(program));
      } finally {
        nvrtc.nvrtcDestroyProgram(program);
      }
    }
  }

  private static byte[] code(_nvrtcProgram program, List<String> options) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      if (options.get(0).contains("=sm_")) {
        check(nvrtc.nvrtcGetCUBINSize(program, size), "size of the code");
        byte[] out = new byte[Math.toIntExact(size.get())];
        check(nvrtc.nvrtcGetCUBIN(program, out), "code");
        return out;
      }
      check(nvrtc.nvrtcGetPTXSize(program, size), "size of the code");
      byte[] out = new byte[Math.toIntExact(size.get())];
      check(nvrtc.nvrtcGetPTX(program, out), "code");
      return out;
    }
  }

  private static String log(_nvrtcProgram program) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      check(nvrtc.nvrtcGetProgramLogSize(program, size), "size of the log");
      byte[] out = new byte[Math.toIntExact(size.get())];
      check(nvrtc.nvrtcGetProgramLog(program, out), "log");
      return new String(out, 0, Math.max(0, out.length - 1), StandardCharsets.UTF_8);
    }
  }

  private static void check(int rc, String what) {
    if (rc != OK) {
      throw new BackendException(
          "NVRTC failed (%s): %s".formatted(what, nvrtc.nvrtcGetErrorString(rc).getString()));
    }
  }

  /** Texts as C has them. */
  private static final class Strings implements AutoCloseable {
    final PointerPointer<BytePointer> pointers;
    private final BytePointer[] texts;

    Strings(List<String> list) {
      texts =
          list.stream()
              .map(s -> new BytePointer(s, StandardCharsets.UTF_8))
              .toArray(BytePointer[]::new);
      pointers = new PointerPointer<>(texts);
    }

    @Override
    public void close() {
      pointers.close();
      for (BytePointer t : texts) {
        t.close();
      }
    }
  }
}
