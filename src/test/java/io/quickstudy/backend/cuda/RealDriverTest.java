package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quickstudy.DeviceChecks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final int MINUTES = 10;

  @TempDir private static Path folder;

  @BeforeAll
  static void build() throws IOException, InterruptedException {
    assumeTrue(
        System.getProperty("os.name").equals("Linux"), "only Linux has libraries of these names");
    StandIns.build(folder);
  }

  /** What a process says that finds the libraries. */
  private static String run(Map<String, String> environment, Class<?> main, String... arguments)
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
                main.getName()));
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
    String said = run(Map.of(), DeviceChecks.class, "--device", "cuda");
    for (String expected :
        List.of(
            "gpu: no GPU",
            "architecture: sm_90",
            "nvrtc_version: 13.1",
            "CudaSizesTest",
            "cudnn: 9.19.0, FP32, for shared filters where it was measured faster")) {
      assertTrue(said.contains(expected), said);
    }
    Matcher ok = Pattern.compile("OK: (\\d+) checks passed, 0 failed").matcher(said);
    assertTrue(ok.find() && Integer.parseInt(ok.group(1)) > 500, said);
    assertFalse(said.contains("left over"), said);
  }

  @Test
  void whatIsCompiledAndMeasuredIsKept() throws Exception {
    run(Map.of(), RealDriverRun.class);
    try (Stream<Path> kept = Files.list(folder.resolve("cache/quickstudy/kernels"))) {
      List<String> names = kept.map(p -> p.getFileName().toString()).toList();
      assertTrue(names.stream().anyMatch(n -> n.startsWith("qs_conv_")), names + "");
      assertEquals(3, names.stream().filter(n -> n.startsWith("convolution-")).count(), names + "");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CUDNN=off | off",
        "CUDNN=on | 9.19.0, FP32, for all shared filters",
        "CUDNN=measured | 9.19.0, FP32, for shared filters where it was measured faster",
        "CUDNN=yes | QUICKSTUDY_CUDNN is 'yes': expected 'on', 'off' or 'measured'.",
        "TEST_CUDNN_CUDA=12090 | cuDNN is not usable: the one that was found is made for CUDA 12,",
      })
  void whatCudnnIsUsedForIsSaid(String variable, String expected) throws Exception {
    String[] parts = variable.split("=", 2);
    String said = run(Map.of("QUICKSTUDY_" + parts[0], parts[1]), RealDriverRun.class, "0");
    assertTrue(said.contains(expected), said);
  }

  @Test
  void aRunThatGoesOnRepeatsItsChoices() throws Exception {
    Path out = folder.resolve("run");
    Path cache = folder.resolve("no-cache");
    run(Map.of("QUICKSTUDY_CUDNN", "on"), RealDriverRun.class, out.toString(), "1");
    String chosen = Files.readString(out.resolve("choices.json"));
    assertTrue(chosen.contains("algorithm 1"), chosen);
    run(Map.of("XDG_CACHE_HOME", cache.toString()), RealDriverRun.class, out.toString(), "2");
    assertEquals(chosen, Files.readString(out.resolve("choices.json")));
    assertTrue(Files.exists(out.resolve("checkpoints/step-0000002.json")));
    try (Stream<Path> kept = Files.list(cache.resolve("quickstudy/kernels"))) {
      assertTrue(
          kept.noneMatch(p -> p.getFileName().toString().startsWith("convolution-")),
          "nothing was measured");
    }
  }

  @Test
  void withoutCudnnAllElseWorks() throws Exception {
    Path rest = Files.createDirectories(folder.resolve("rest"));
    for (String l :
        List.of("cuda.so.1", "cublas.so.13", "nvrtc.so.13", "cublasLt.so.13", "cudart.so.13")) {
      Files.copy(folder.resolve("lib" + l), rest.resolve("lib" + l));
    }
    Map<String, String> without = Map.of("LD_LIBRARY_PATH", rest.toString());
    String said = run(without, RealDriverRun.class, "0");
    assertTrue(said.contains("cuda:0 is open, cuDNN is not usable: libcudnn.so.9 was not"), said);
    String refused =
        run(
            Map.of("LD_LIBRARY_PATH", rest.toString(), "QUICKSTUDY_CUDNN", "on"),
            RealDriverRun.class,
            "0");
    assertTrue(refused.contains("QUICKSTUDY_CUDNN is 'on', but cuDNN is not usable"), refused);
    Files.copy(folder.resolve("libcudnn.so.9"), rest.resolve("libcudnn.so.9"));
    String broken = run(without, RealDriverRun.class, "0");
    assertTrue(broken.contains("libcudnn_graph.so.9 was not found beside"), broken);
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
        "GPUS=1 | 0 | cuda:0 is open, 9.19.0",
      })
  void whatIsWrongIsASentence(String variable, String index, String expected) throws Exception {
    String[] parts = variable.split("=", 2);
    String said = run(Map.of("QUICKSTUDY_TEST_" + parts[0], parts[1]), RealDriverRun.class, index);
    assertTrue(said.contains(expected), said);
    assertEquals(1, said.lines().count(), said);
  }
}
