package io.quickstudy.backend.cuda.driver;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.Loader;

/** Finds and loads what CUDA needs, once, and remembers why where that fails. */
public final class CudaLibraries {
  /** What is said where {@link #bound} is not. */
  static final String UNBOUND =
      "CUDA is not usable: its bindings are not on the class path; add org.bytedeco:cuda to your"
          + " dependencies, without a classifier and with that of this platform.";

  private CudaLibraries() {}

  /** Whether there are bindings: those who use the library choose that. */
  static boolean bound(ClassLoader loader) {
    return loader.getResource("org/bytedeco/cuda/global/cudart.class") != null;
  }

  /** Found by name, without loading anything. */
  static Map<CudaLibrary, Path> found() {
    List<Path> folders =
        CudaLibrary.folders(System.getenv(), Path.of(System.getProperty("user.home")));
    Map<CudaLibrary, Path> out = new EnumMap<>(CudaLibrary.class);
    for (CudaLibrary l : CudaLibrary.values()) {
      l.find(folders).ifPresent(p -> out.put(l, p));
    }
    return out;
  }

  /** Every library, where it lies or how to get it. */
  public static Map<String, String> describe() {
    Map<CudaLibrary, Path> found = found();
    Map<String, String> m = new LinkedHashMap<>();
    for (CudaLibrary l : CudaLibrary.values()) {
      Path p = found.get(l);
      m.put(
          l.title(), p == null ? "%s not found; %s".formatted(l.file(), l.repair()) : p.toString());
    }
    return m;
  }

  /** The first touch of a class that fails to load tells the reason, later ones do not: keep it. */
  private static final class All {
    static final Optional<String> PROBLEM =
        load(CudaLibrary.NEEDED, () -> List.of(cudart.class, cublas.class, nvrtc.class));
  }

  /**
   * The compiler needs no GPU; its bindings ask for a driver's library by name, but not for more.
   */
  private static final class Compiler {
    static final Optional<String> PROBLEM =
        load(List.of(CudaLibrary.RUNTIME, CudaLibrary.COMPILER), () -> List.of(nvrtc.class));
  }

  /** Its bindings are not touched where it is missing. */
  private static final class Dnn {
    /** The parts that its bindings ask for, in the order in which they need one another. */
    private static final List<String> PARTS =
        List.of(
            "libcudnn_graph.so.9", "libcudnn_ops.so.9", "libcudnn_cnn.so.9", "libcudnn_adv.so.9");

    static final Optional<String> PROBLEM = All.PROBLEM.or(Dnn::load);

    private static Optional<String> load() {
      Path found = found().get(CudaLibrary.DNN);
      if (found == null) {
        return Optional.of(
            "cuDNN is not usable: %s was not found (%s)."
                .formatted(CudaLibrary.DNN.file(), CudaLibrary.DNN.repair()));
      }
      List<Path> parts = PARTS.stream().map(found::resolveSibling).toList();
      Optional<Path> missing = parts.stream().filter(p -> !Files.isRegularFile(p)).findFirst();
      if (missing.isPresent()) {
        return Optional.of(
            "cuDNN is not usable: %s was not found beside %s; install it again."
                .formatted(missing.get().getFileName(), found));
      }
      try {
        parts.forEach(p -> System.load(p.toString()));
        Loader.load(cudnn.class);
        return Optional.empty();
      } catch (LinkageError e) {
        return Optional.of("cuDNN is not usable: " + reason(e) + ".");
      }
    }
  }

  /** Programs that use the library need not have the bindings, which are named late for that. */
  private static Optional<String> load(
      List<CudaLibrary> libraries, Supplier<List<Class<?>>> bindings) {
    Map<CudaLibrary, Path> found = found();
    List<String> missing = new ArrayList<>();
    for (CudaLibrary l : libraries) {
      if (!found.containsKey(l)) {
        missing.add(l.file() + " was not found (" + l.repair() + ")");
      }
    }
    if (!missing.isEmpty()) {
      // without a driver there is most likely no GPU, and no use in the rest
      boolean hopeless =
          libraries.contains(CudaLibrary.DRIVER) && !found.containsKey(CudaLibrary.DRIVER);
      List<String> told = hopeless ? missing.subList(0, 1) : missing;
      return Optional.of("CUDA is not usable: " + String.join("; ", told) + ".");
    }
    if (!bound(CudaLibraries.class.getClassLoader())) {
      return Optional.of(UNBOUND);
    }
    try {
      // by their files, which the bindings' own search would not find everywhere
      libraries.forEach(l -> System.load(found.get(l).toString()));
      bindings.get().forEach(Loader::load);
      return Optional.empty();
    } catch (LinkageError e) {
      return Optional.of("CUDA is not usable: " + reason(e) + ".");
    }
  }

  /** Why CUDA's libraries cannot be used, in one sentence, or nothing where they are loaded. */
  static Optional<String> problem() {
    return All.PROBLEM;
  }

  /** Why cuDNN cannot be used, in one sentence, or nothing where it is loaded. */
  static Optional<String> dnnProblem() {
    return Dnn.PROBLEM;
  }

  /** Why the compiler of kernels cannot be used, or nothing where it is loaded. */
  public static Optional<String> compilerProblem() {
    return Compiler.PROBLEM;
  }

  private static String reason(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse("").strip();
  }
}
