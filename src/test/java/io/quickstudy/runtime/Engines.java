package io.quickstudy.runtime;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.EmulatedBackend;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** The engines that a test of {@code runtime} goes through. */
public final class Engines {
  private static final Map<String, Supplier<Engine>> ALL =
      Map.of(
          "cpu", () -> Engine.open("cpu", 2, Precision.FP32),
          "emulated cuda", () -> Engine.on(EmulatedBackend.open()));

  private Engines() {}

  /** A test of each. */
  public static Stream<DynamicTest> each(Consumer<Engine> test) {
    return ALL.keySet().stream()
        .sorted()
        .map(
            name ->
                dynamicTest(
                    name,
                    () -> {
                      try (Engine engine = ALL.get(name).get()) {
                        test.accept(engine);
                      }
                    }));
  }
}
