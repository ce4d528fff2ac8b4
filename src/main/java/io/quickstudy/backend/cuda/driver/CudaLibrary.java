package io.quickstudy.backend.cuda.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The shared libraries that the backend loads, in the order in which they need one another. */
public enum CudaLibrary {
  /** Comes with the NVIDIA driver. */
  DRIVER("driver", "libcuda.so.1", "install the NVIDIA driver, 580 or newer"),
  /** Needed by the bindings. */
  RUNTIME("cudart", "libcudart.so.13", how("nvidia-cuda-runtime", "cuda-cudart-13-1")),
  /** Needed by cuBLAS. */
  BLAS_LT("cublasLt", "libcublasLt.so.13", how("nvidia-cublas", "libcublas-13-1")),
  /** Matrix products. */
  BLAS("cublas", "libcublas.so.13", how("nvidia-cublas", "libcublas-13-1")),
  /** Compiles the kernels. */
  COMPILER("nvrtc", "libnvrtc.so.13", how("nvidia-cuda-nvrtc", "cuda-nvrtc-13-1")),
  /** Convolutions with shared filters; the own kernels do them all where it is missing. */
  DNN(
      "cudnn",
      "libcudnn.so.9",
      "not needed, but some convolutions may be faster with it: install the package"
          + " libcudnn9-cuda-13, unpack NVIDIA's archive of cuDNN 9 into the toolkit, or pip"
          + " install 'nvidia-cudnn-cu13>=9,<10'");

  /** What nothing works without. */
  static final List<CudaLibrary> NEEDED = Stream.of(values()).filter(l -> l != DNN).toList();

  private final String title;
  private final String file;
  private final String repair;

  CudaLibrary(String title, String file, String repair) {
    this.title = title;
    this.file = file;
    this.repair = repair;
  }

  private static String how(String wheel, String distribution) {
    return "install the CUDA toolkit 13, the package "
        + distribution
        + ", or pip install '"
        + wheel
        + ">=13,<14'";
  }

  /** What it is called in {@code info}. */
  String title() {
    return title;
  }

  /** Its file's name, with the version that is wanted. */
  String file() {
    return file;
  }

  /** How to get it. */
  String repair() {
    return repair;
  }

  /** Where it lies, the usual places searched in order. */
  public Optional<Path> find() {
    return find(folders(System.getenv(), Path.of(System.getProperty("user.home"))));
  }

  /** The first of the folders that has it. */
  Optional<Path> find(List<Path> folders) {
    return folders.stream().map(f -> f.resolve(file)).filter(Files::isRegularFile).findFirst();
  }

  /**
   * Folders that hold CUDA libraries, as far as they are there: those that the environment names,
   * the toolkit's, the distribution's, and those of pip's wheels.
   */
  static List<Path> folders(Map<String, String> environment, Path home) {
    Set<Path> out = new LinkedHashSet<>();
    for (String name : List.of("CUDA_HOME", "CUDA_PATH", "CONDA_PREFIX")) {
      paths(environment.get(name))
          .forEach(p -> out.addAll(List.of(p.resolve("lib64"), p.resolve("lib"))));
    }
    out.addAll(paths(environment.get("LD_LIBRARY_PATH")));
    for (Path toolkit : matching(Path.of("/usr/local"), "cuda{,-1[3-9]*}")) {
      out.add(toolkit.resolve("lib64"));
      matching(toolkit.resolve("targets"), "*-linux").forEach(t -> out.add(t.resolve("lib")));
    }
    for (String folder :
        List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/lib/wsl/lib",
            "/opt/cuda/lib64")) {
      out.add(Path.of(folder));
    }
    for (Path prefix : pythons(environment, home)) {
      for (Path python : matching(prefix.resolve("lib"), "python3*")) {
        for (String packages : List.of("site-packages", "dist-packages")) {
          matching(python.resolve(packages).resolve("nvidia"), "*")
              .forEach(p -> out.add(p.resolve("lib")));
        }
      }
    }
    return out.stream().filter(Files::isDirectory).toList();
  }

  /** Where a Python may be installed: what the virtual environment, the path and the user have. */
  private static Set<Path> pythons(Map<String, String> environment, Path home) {
    Set<Path> out = new LinkedHashSet<>(paths(environment.get("VIRTUAL_ENV")));
    out.addAll(paths(environment.get("CONDA_PREFIX")));
    for (Path bin : paths(environment.get("PATH"))) {
      if (bin.endsWith("bin") && bin.getParent() != null) {
        out.add(bin.getParent());
      }
    }
    out.addAll(List.of(home.resolve(".local"), Path.of("/usr/local"), Path.of("/usr")));
    return out;
  }

  private static List<Path> paths(String list) {
    if (list == null) {
      return List.of();
    }
    return Stream.of(list.split(":"))
        .filter(s -> s.startsWith("/"))
        .map(s -> Path.of(s).normalize())
        .toList();
  }

  /** A folder's entries whose names match, the newest version first. */
  private static List<Path> matching(Path folder, String glob) {
    PathMatcher fits = FileSystems.getDefault().getPathMatcher("glob:" + glob);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      List<Path> some = new ArrayList<>(all.filter(p -> fits.matches(p.getFileName())).toList());
      some.sort(Comparator.comparing(p -> p.getFileName().toString()));
      // the toolkit's plain name, a link to the one that is to be used, stays in front
      List<Path> plain = some.stream().filter(p -> p.endsWith("cuda")).toList();
      some.removeAll(plain);
      List<Path> out = new ArrayList<>(plain);
      out.addAll(some.reversed());
      return out;
    } catch (IOException | UncheckedIOException e) {
      return List.of(); // a folder that cannot be read has nothing for us
    }
  }
}
