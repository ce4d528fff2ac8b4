package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.BackendException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The kernels' sources in the jar and, where NVRTC is found, their code for several GPUs. */
class KernelCompilerTest {
  private static final Path KERNELS = Path.of("kernels");

  /** The assembler's report on a kernel: its name, what is spilled, its registers. */
  private static final Pattern USE =
      Pattern.compile(
          "Function properties for (qs_\\w+)\\W[^\\d]*(\\d+ bytes stack.*loads)\\s+ptxas info\\s+:"
              + " Used (\\d+ registers)");

  @TempDir static Path folder;

  @Test
  void everyFileOfTheFolderIsInTheJar() throws IOException {
    try (Stream<Path> files = Files.list(KERNELS)) {
      assertEquals(
          KernelSources.FILES,
          files
              .map(f -> f.getFileName().toString())
              .filter(f -> f.endsWith(".cu"))
              .sorted()
              .toList());
    }
    Pattern include = Pattern.compile("^#include [\"<](.*)[\">]", Pattern.MULTILINE);
    List<String> texts =
        new ArrayList<>(KernelSources.FILES.stream().map(KernelSources::text).toList());
    texts.addAll(KernelSources.headers().values());
    for (String text : texts) {
      Matcher m = include.matcher(text);
      while (m.find()) {
        String name = m.group(1);
        assertTrue(name.equals("emulated.h") || KernelSources.headers().containsKey(name), name);
      }
    }
  }

  @Test
  void everyKernelIsInOneFile() {
    assertEquals("loop.cu", KernelSources.fileOf("qs_loop"));
    assertEquals("conv.cu", KernelSources.fileOf("qs_conv"));
    assertEquals("conv.cu", KernelSources.fileOf("qs_conv_dw"));
    assertThrows(IllegalStateException.class, () -> KernelSources.fileOf("qs_con"));
  }

  /** NVRTC's bindings want a driver's library, though nothing of it is called. */
  private static void load() throws IOException, InterruptedException {
    if (CudaLibrary.DRIVER.find().isEmpty()) {
      String cxx = Optional.ofNullable(System.getenv("CXX")).orElse("g++");
      Path library = folder.resolve("libcuda.so.1");
      Process p =
          new ProcessBuilder(
                  cxx,
                  "-shared",
                  "-Wl,-soname,libcuda.so.1",
                  "-x",
                  "c++",
                  "/dev/null",
                  "-o",
                  library + "")
              .inheritIO()
              .start();
      assertEquals(0, p.waitFor());
      System.load(library.toString());
    }
    Optional<String> problem = CudaLibraries.compilerProblem();
    Assumptions.assumeTrue(problem.isEmpty(), () -> problem.orElse(""));
  }

  /** Prints what each kernel takes of a GPU. */
  @TestFactory
  List<DynamicTest> everyKernelCompiles() throws Exception {
    load();
    List<DynamicTest> tests = new ArrayList<>();
    for (String architecture : List.of("sm_80", "sm_90", "sm_100", "compute_90")) {
      for (String file : KernelSources.FILES) {
        tests.add(
            dynamicTest(
                file + " for " + architecture,
                () -> compiles(file, KernelSources.text(file), architecture)));
      }
      tests.add(
          dynamicTest(
              "loops for " + architecture,
              () -> compiles("loops.cu", LargeLoops.source(), architecture)));
    }
    return tests;
  }

  private static void compiles(String file, String text, String architecture) {
    List<String> options = new ArrayList<>(KernelCompiler.options(architecture));
    boolean translated = architecture.startsWith("compute_");
    if (!translated) {
      options.add("--ptxas-options=--verbose");
    }
    KernelCompiler.Compiled c =
        KernelCompiler.compile(file, text, KernelSources.headers(), options);
    String code = new String(c.code(), 0, 4, StandardCharsets.ISO_8859_1);
    assertTrue(code.trim().startsWith(translated ? "//" : "\u007fELF"), code);
    if (!translated) {
      Matcher m = USE.matcher(c.log());
      int kernels = 0;
      while (m.find()) {
        System.out.println(architecture + " " + m.group(1) + ": " + m.group(2) + ", " + m.group(3));
        kernels++;
      }
      assertTrue(kernels > 0, c.log());
    }
  }

  @Test
  void anErrorOfTheSourceIsShown() throws Exception {
    load();
    BackendException e =
        assertThrows(
            BackendException.class,
            () ->
                KernelCompiler.compile(
                    "bad.cu", "wrong;", Map.of(), KernelCompiler.options("sm_90")));
    assertTrue(e.getMessage().contains("bad.cu(1): error"), e.getMessage());
  }

  @Test
  void aGpuThatIsTooOldIsASentence() throws Exception {
    load();
    assertEquals("sm_90", KernelCompiler.architecture(90));
    assertTrue(KernelCompiler.architecture(999).startsWith("compute_"));
    BackendException e =
        assertThrows(BackendException.class, () -> KernelCompiler.architecture(61));
    assertTrue(e.getMessage().contains("compute capability 6.1"), e.getMessage());
  }
}
