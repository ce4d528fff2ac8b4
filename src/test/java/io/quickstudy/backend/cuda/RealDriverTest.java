package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The class that speaks to a GPU's driver, through the real bindings, with libraries in CUDA's
 * place ({@code src/test/native}) that run the kernels on the emulator. It shows that calls arrive
 * as they are meant; that a GPU does with them what the emulator does is shown on a GPU alone.
 */
class RealDriverTest {
  private static final Path SOURCES = Path.of("src/test/native");
  private static final Path KERNELS = Path.of("target/native/libquickstudy_kernels.a");
  private static final int MINUTES = 10;

  @TempDir private static Path folder;

  @BeforeAll
  static void build() throws IOException, InterruptedException {
    assumeTrue(
        System.getProperty("os.name").equals("Linux"), "only Linux has libraries of these names");
    library("libcuda.so.1", SOURCES.resolve("cuda.cpp"), KERNELS, "-lpthread");
    library("libcublas.so.13", SOURCES.resolve("cublas.cpp"), folder.resolve("libcuda.so.1"));
    library("libnvrtc.so.13", SOURCES.resolve("nvrtc.cpp"));
    library("libcublasLt.so.13", "-x", "c++", "/dev/null", "-x", "none");
    library("libcudart.so.13", "-x", "c++", "/dev/null", "-x", "none");
  }

  private static void library(String name, Object... more)
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

  /** What a process says that finds the libraries. */
  private static String run(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:ErrorFile=" + folder.resolve("crash"),
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                "-Dorg.bytedeco.javacpp.maxbytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                RealDriverRun.class.getName()));
    command.addAll(List.of(arguments));
    Path log = folder.resolve("log");
    ProcessBuilder run =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    List.of("CUDA_HOME", "CUDA_PATH", "CONDA_PREFIX").forEach(run.environment()::remove);
    run.environment().put("LD_LIBRARY_PATH", folder.toString());
    run.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    run.environment().putAll(environment);
    Process p = run.start();
    try {
      assertTrue(p.waitFor(MINUTES, TimeUnit.MINUTES), "not done after minutes");
    } finally {
      p.destroyForcibly();
    }
    String said = Files.readString(log);
    assertEquals(0, p.exitValue(), said);
    return said;
  }

  @Test
  void allThatGoesThroughCudaGoesThroughItsLibraries() throws Exception {
    String said = run(Map.of());
    for (String expected : List.of("gpu=no GPU", "architecture=sm_90", "nvrtc_version=13.1")) {
      assertTrue(said.contains(expected), said);
    }
    try (Stream<Path> kept = Files.list(folder.resolve("cache/quickstudy/kernels"))) {
      List<String> names = kept.map(p -> p.getFileName().toString()).toList();
      assertTrue(names.stream().anyMatch(n -> n.startsWith("conv-")), names.toString());
      assertTrue(names.stream().anyMatch(n -> n.startsWith("loops-")), names.toString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GPUS=0 | 0 | CUDA is not usable: the NVIDIA driver sees no GPU.",
        "GPUS=1 | 3 | Device 'cuda:3' is not there: this machine shows one GPU, cuda:0.",
        "GPUS=2 | 2 | Device 'cuda:2' is not there: this machine shows 2 GPUs, from cuda:0 on.",
        "DRIVER=12040 | 0 | made for CUDA 12.4, older than the 13.0 that is needed; update it",
        "CAPABILITY=6 | 0 | The GPU is too old: it has compute capability 6.0, and CUDA 13.1",
        "MEMORY=1000 | 0 | cuda:0 has no memory left; end what else runs there",
        "GPUS=1 | 0 | cuda:0 is open",
      })
  void whatIsWrongIsASentence(String variable, String index, String expected) throws Exception {
    String[] parts = variable.split("=", 2);
    String said = run(Map.of("QUICKSTUDY_TEST_" + parts[0], parts[1]), index);
    assertTrue(said.contains(expected), said);
    assertEquals(1, said.lines().count(), said);
  }
}
