package io.quickstudy.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import org.junit.jupiter.api.Test;

/** What an engine refuses. */
class EngineTest {
  @Test
  void theCpuHasNoTf32() {
    for (String device : new String[] {"cpu", "auto"}) {
      assertEquals(
          "Precision 'tf32' needs a CUDA device, and device '"
              + device
              + "' is the CPU: say --device cuda, or --precision fp32.",
          assertThrows(BackendException.class, () -> Engine.open(device, 1, Precision.TF32))
              .getMessage());
    }
  }
}
