package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Libraries in CUDA's place, from {@code src/test/native}: with them a process of its own takes
 * {@code --device cuda} on a machine without a GPU, whose kernels run on the emulator. Linux only.
 */
public final class StandIns {
  private static final Path SOURCES = Path.of("src/test/native");
  private static final Path KERNELS = Path.of("target/native/libquickstudy_kernels.a");
  private static final int MINUTES = 10;

  private StandIns() {}

  /** Compiles all of them into a folder. */
  static void build(Path folder) throws IOException, InterruptedException {
    buildDriver(folder);
    Path graph = folder.resolve("libcudnn_graph.so.9");
    library(folder, "libcudnn_graph.so.9", "-DGRAPH", SOURCES.resolve("cudnn.cpp"));
    library(folder, "libcudnn_ops.so.9", "-DOPS", SOURCES.resolve("cudnn.cpp"), graph);
    library(
        folder,
        "libcudnn_cnn.so.9",
        "-DCNN",
        SOURCES.resolve("cudnn.cpp"),
        graph,
        folder.resolve("libcuda.so.1"));
    empty(folder, "libcudnn_adv.so.9");
    empty(folder, "libcudnn.so.9");
  }

  /** Compiles those without which there is no CUDA. */
  public static void buildDriver(Path folder) throws IOException, InterruptedException {
    library(folder, "libcuda.so.1", SOURCES.resolve("cuda.cpp"), KERNELS, "-lpthread");
    library(
        folder, "libcublas.so.13", SOURCES.resolve("cublas.cpp"), folder.resolve("libcuda.so.1"));
    library(folder, "libnvrtc.so.13", SOURCES.resolve("nvrtc.cpp"));
    empty(folder, "libcublasLt.so.13");
    empty(folder, "libcudart.so.13");
  }

  /** The environment of a process that finds the libraries, and compiles each kernel once. */
  public static Map<String, String> environment(Path folder) {
    return Map.of(
        "LD_LIBRARY_PATH", folder.toString(),
        "XDG_CACHE_HOME", folder.resolve("cache").toString(),
        "QUICKSTUDY_TEST_KERNELS", folder.toString());
  }

  private static void empty(Path folder, String name) throws IOException, InterruptedException {
    library(folder, name, "-x", "c++", "/dev/null", "-x", "none");
  }

  private static void library(Path folder, String name, Object... more)
      throws IOException, InterruptedException {
    String cxx = Optional.ofNullable(System.getenv("CXX")).orElse("g++");
    List<String> command =
        new ArrayList<>(
            List.of(cxx, "-std=c++17", "-O1", "-fPIC", "-shared", "-Wl,-soname," + name));
    // the bindings ask for symbols of this version
    Path version = Files.writeString(folder.resolve("version"), name + " { global: *; };\n");
    command.addAll(List.of("-Wl,--version-script=" + version, "-Inative"));
    for (Object m : more) {
      command.add(m.toString());
    }
    command.addAll(List.of("-o", folder.resolve(name).toString()));
    Process p = new ProcessBuilder(command).inheritIO().start();
    assertTrue(p.waitFor(MINUTES, TimeUnit.MINUTES));
    assertEquals(0, p.exitValue(), name);
  }
}
