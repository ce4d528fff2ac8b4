package io.quickstudy.backend.cuda.kernels;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.cuda.CarriedSinusoids;
import io.quickstudy.backend.cuda.LargeLoops;
import io.quickstudy.backend.cuda.driver.CudaLibraries;
import io.quickstudy.backend.cuda.driver.CudaLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The kernels' sources in the jar and, where NVRTC is found, their code for several GPUs. */
class KernelCompilerTest {
  private static final Path KERNELS = Path.of("kernels");

  /** Kernels that may spill, each with its reason beside it; none does. */
  private static final Set<String> MAY_SPILL = Set.of();

  /** Says that NVRTC is there, so that a test without it fails; profile nvrtc sets it. */
  private static final boolean REQUIRED =
      "required".equals(System.getProperty("quickstudy.test.nvrtc"));

  private static final Pattern DEFINITION =
      Pattern.compile("^QS_(?:KERNEL(?:_OF)?|TILED)\\((\\w+)", Pattern.MULTILINE);

  private static final List<KernelUse> USES = new ArrayList<>();

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
    assertEquals("conv.cu", KernelSources.fileOf("qs_conv_dw_64x64"));
    assertEquals("conv_tf32.cu", KernelSources.fileOf("qs_conv_dw_64x64_tf32"));
    assertThrows(IllegalStateException.class, () -> KernelSources.fileOf("qs_con"));
  }

  @Test
  void ofAFileOfTilesOnlyWhatAKernelNeedsIsCompiled() {
    KernelSources.Unit tile = KernelSources.unitOf("qs_conv_dw_64x64");
    assertEquals(Set.of("qs_conv_dw_64x64"), tiles(tile.text()));
    assertTrue(!tile.equals(KernelSources.unitOf("qs_conv_dw_128x64")), tile.name());
    KernelSources.Unit rest = KernelSources.unitOf("qs_sum_parts");
    assertEquals(Set.of(), tiles(rest.text()));
    assertTrue(kernels(rest.text()).contains("qs_sum_parts"), rest.text());
    assertEquals(
        new KernelSources.Unit("pool.cu", KernelSources.text("pool.cu")),
        KernelSources.unitOf("qs_pool_put"));
    assertEquals(KernelSources.unitOf("qs_pool_put"), KernelSources.unitOf("qs_pool_max"));
  }

  private static Set<String> tiles(String text) {
    return Pattern.compile("^QS_TILED\\((\\w+)", Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map(m -> m.group(1))
        .collect(toSet());
  }

  @Test
  void aSpillIsSeen() {
    String log =
        """
        ptxas info    : 0 bytes gmem
        ptxas info    : Compiling entry function 'qs_a' for 'sm_90'
        ptxas info    : Function properties for qs_a
        ptxas         .     1104 bytes stack frame, 16 bytes spill stores, 24 bytes spill loads
        ptxas info    : Used 128 registers, used 1 barriers, 1104 bytes cumulative stack size, 2048 bytes smem
        ptxas info    : Function properties for helper
            8 bytes stack frame, 4 bytes spill stores, 4 bytes spill loads
        """;
    assertEquals(
        List.of(
            new KernelUse("qs_a", "sm_90", 128, 16, 24, 1104, 2048),
            new KernelUse("helper", "sm_90", 0, 4, 4, 8, 0)),
        KernelUse.parse("sm_90", log));
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
    if (REQUIRED) {
      assertEquals(Optional.empty(), problem);
    }
    Assumptions.assumeTrue(problem.isEmpty(), () -> problem.orElse(""));
  }

  /** What each kernel takes of a GPU, bytes beside registers. */
  @AfterAll
  static void report() {
    if (!USES.isEmpty()) {
      System.out.println("What NVRTC " + KernelCompiler.version() + " makes of the kernels:");
      USES.sort(comparing(KernelUse::kernel));
      System.out.print(KernelUse.table(USES));
    }
  }

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
      tests.add(
          dynamicTest(
              "products for " + architecture,
              () -> compiles("loops.cu", LargeLoops.products(), architecture)));
      tests.add(
          dynamicTest(
              "tasks for " + architecture,
              () -> compiles("loops.cu", CarriedSinusoids.source(), architecture)));
    }
    return tests;
  }

  private static void compiles(String file, String text, String architecture) {
    boolean generated = file.equals("loops.cu");
    List<String> options =
        new ArrayList<>(
            generated
                ? KernelCompiler.exactOptions(architecture)
                : KernelCompiler.options(architecture));
    boolean translated = architecture.startsWith("compute_");
    if (!translated) {
      options.add("--ptxas-options=--verbose");
    }
    KernelCompiler.Compiled c =
        KernelCompiler.compile(file, text, KernelSources.headers(), options);
    String code = new String(c.code(), 0, 4, StandardCharsets.ISO_8859_1);
    assertTrue(code.trim().startsWith(translated ? "//" : "\u007fELF"), code);
    if (!translated) {
      List<KernelUse> uses = KernelUse.parse(architecture, c.log());
      USES.addAll(uses);
      Set<String> compiled = uses.stream().map(KernelUse::kernel).collect(toSet());
      assertTrue(compiled.containsAll(kernels(text)), c.log());
      for (KernelUse u : uses) {
        assertTrue(
            u.stored() + u.loaded() == 0 || MAY_SPILL.contains(u.kernel()), () -> u + " spills");
      }
    }
  }

  /** The names of a text's kernels. */
  private static Set<String> kernels(String text) {
    return DEFINITION.matcher(text).results().map(m -> m.group(1)).collect(toSet());
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
