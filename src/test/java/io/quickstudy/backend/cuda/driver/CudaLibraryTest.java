package io.quickstudy.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.CudaBackend;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where CUDA's libraries are looked for, and what is said where they are not. */
class CudaLibraryTest {
  @TempDir Path root;

  private Path put(String folder) throws IOException {
    Path file = root.resolve(folder).resolve("libnvrtc.so.13");
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }

  private Optional<Path> find(Map<String, String> environment) {
    return CudaLibrary.COMPILER.find(CudaLibrary.folders(environment, root.resolve("home")));
  }

  @Test
  void theToolkitThatTheEnvironmentNames() throws IOException {
    Path file = put("toolkit/lib64");
    assertEquals(Optional.of(file), find(Map.of("CUDA_HOME", root.resolve("toolkit") + "")));
    assertEquals(Optional.of(file), find(Map.of("LD_LIBRARY_PATH", "/no:" + file.getParent())));
  }

  @Test
  void theWheelsOfAVirtualEnvironmentOfThePathAndOfTheUser() throws IOException {
    Path venv = put("venv/lib/python3.12/site-packages/nvidia/cu13/lib");
    assertEquals(Optional.of(venv), find(Map.of("VIRTUAL_ENV", root.resolve("venv") + "")));
    assertEquals(Optional.of(venv), find(Map.of("PATH", "/bin:" + root.resolve("venv/bin"))));
    Path user = put("home/.local/lib/python3.11/site-packages/nvidia/cuda_nvrtc/lib");
    assertEquals(Optional.of(user), find(Map.of()));
  }

  @Test
  void whatTheEnvironmentSaysComesFirst() throws IOException {
    put("home/.local/lib/python3.11/site-packages/nvidia/cuda_nvrtc/lib");
    Path named = put("toolkit/lib64");
    assertEquals(Optional.of(named), find(Map.of("CUDA_PATH", root.resolve("toolkit") + "")));
  }

  @Test
  void everyLibraryIsDescribed() {
    Map<String, String> m = CudaLibraries.describe();
    assertEquals(
        List.of("driver", "cudart", "cublasLt", "cublas", "nvrtc", "cudnn"),
        List.copyOf(m.keySet()));
    m.values().forEach(v -> assertTrue(v.contains(".so."), v));
  }

  @Test
  void withoutAGpuOpeningOneIsASentence() {
    Assumptions.assumeTrue(
        CudaLibrary.DRIVER.find().isEmpty(), "this machine has an NVIDIA driver");
    for (int i = 0; i < 2; i++) {
      BackendException e =
          assertThrows(BackendException.class, () -> CudaBackend.open(0, Precision.FP32));
      assertTrue(
          e.getMessage().startsWith("CUDA is not usable: libcuda.so.1 was not found"),
          e.getMessage());
    }
  }

  @Test
  void bindingsMayBeLeftOutOfAProgram() throws IOException {
    assertTrue(CudaLibraries.bound(CudaLibraries.class.getClassLoader()));
    try (URLClassLoader none = new URLClassLoader(new URL[0], null)) {
      assertFalse(CudaLibraries.bound(none));
    }
    assertTrue(CudaLibraries.UNBOUND.contains("add org.bytedeco:cuda to your dependencies"));
  }
}
