package io.quickstudy.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.cpu.CpuBackend;
import io.quickstudy.backend.cuda.EmulatedBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an engine refuses, and which device it takes where none is named. */
class EngineTest {
  @Test
  void theCpuHasNoTf32() {
    for (String device : new String[] {"cpu", "auto"}) {
      assertEquals(
          "Precision 'tf32' needs a CUDA device, and device '%s' %s the CPU: say --device cuda, or --precision fp32."
              .formatted(device, device.equals("cpu") ? "is" : "may be"),
          assertThrows(BackendException.class, () -> Engine.open(device, 1, Precision.TF32))
              .getMessage());
    }
  }

  @Test
  void aGpuThatComputesRightlyIsTaken() {
    try (Engine engine = Engine.best(1, EmulatedBackend::open)) {
      assertFalse(engine.device().equals("cpu"), engine.device());
      String note = engine.note().orElseThrow();
      assertTrue(note.startsWith("using " + engine.device()), note);
    }
  }

  @Test
  void oneThatDoesNotOpenIsNot() {
    try (Engine engine =
        Engine.best(
            1,
            () -> {
              throw new BackendException("CUDA is not usable: the NVIDIA driver sees no GPU.");
            })) {
      assertEquals("cpu", engine.device());
      assertEquals(
          "using the CPU: CUDA is not usable: the NVIDIA driver sees no GPU.",
          engine.note().orElseThrow());
    }
  }

  @Test
  void oneThatComputesWronglyIsNotAndIsClosed() {
    List<String> calls = new ArrayList<>();
    try (Engine engine = Engine.best(1, () -> wrong(calls))) {
      assertEquals("cpu", engine.device());
      String note = engine.note().orElseThrow();
      assertTrue(note.contains("computes a first program wrongly (0.0 in place of "), note);
    }
    assertEquals("close", calls.getLast());
    assertEquals(2, calls.stream().filter("close"::equals).count(), "program and backend");
  }

  @Test
  void theTestsAreToldWhichDeviceTheyTake() {
    try (Engine engine = Engine.open("auto", 1, Precision.FP32)) {
      assertEquals("cpu", engine.device());
      assertEquals("using the CPU: QUICKSTUDY_DEVICE says so", engine.note().orElseThrow());
    }
  }

  /** A CPU whose results never arrive. */
  private static Backend wrong(List<String> calls) {
    return proxy(Backend.class, new CpuBackend(1), calls);
  }

  private static <T> T proxy(Class<T> type, T of, List<String> calls) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, args) -> {
              calls.add(method.getName());
              if (method.getName().equals("get")) {
                return null;
              }
              try {
                Object y = method.invoke(of, args);
                return y instanceof Program p ? proxy(Program.class, p, calls) : y;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
