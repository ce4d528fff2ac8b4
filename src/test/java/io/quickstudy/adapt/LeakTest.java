package io.quickstudy.adapt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.Quickstudy;
import io.quickstudy.backend.cuda.EmulatedBackend;
import io.quickstudy.bindings.Emulator;
import io.quickstudy.bindings.Native;
import io.quickstudy.data.DataException;
import io.quickstudy.graph.Shape;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That every native byte is given back, by counting them. */
class LeakTest {
  private static final int CYCLES = 12;

  private static Adapter load(Path run) {
    return Quickstudy.load(run, AdaptOptions.usual().device("cpu"));
  }

  @Test
  void nothingIsLeftBehindAClosedAdapter() {
    List<Path> runs = List.of(Runs.protonet(), Runs.maml("support"), Runs.lstm());
    Path regression = Runs.sinusoid();
    long before = Native.allocated();
    for (int i = 0; i < CYCLES; i++) {
      for (Path run : runs) {
        try (Adapter adapter = load(run)) {
          Classifier c = adapter.adapt(Runs.support(1 + i % 3, 2));
          c.predict(new float[(1 + i) * Runs.SIDE * Runs.SIDE]);
          assertTrue(Native.allocated() > before, "the counter does not count");
          Image broken = Image.decode(new byte[8]);
          assertThrows(DataException.class, () -> c.predict(broken));
        }
      }
      try (Adapter adapter = load(regression)) {
        adapter.adapt(new float[] {1, 2}, new float[] {1, 2}).predict(3);
      }
      assertEquals(before, Native.allocated(), "bytes after cycle " + i);
    }
  }

  @Test
  void whatIsKeptDependsOnLanesAndNotOnHowManyShapesThereWere() {
    long before = Native.allocated();
    try (Adapter adapter = load(Runs.protonet())) {
      long most = 0;
      for (int ways = 2; ways < 12; ways++) {
        int[] shots = new int[ways];
        java.util.Arrays.fill(shots, 1 + ways % 4);
        adapter.adapt(Runs.support(shots)).predict(new float[ways * Runs.SIDE * Runs.SIDE]);
        most = Math.max(most, Native.allocated() - before);
      }
      assertTrue(most <= Programs.IDLE_BYTES + (64 << 20), most + " bytes");
    }
    assertEquals(before, Native.allocated());
  }

  @Test
  void programsBeyondTheBoundAreClosed() {
    try (Engine engine = Engine.open("cpu", 1, io.quickstudy.backend.Precision.FP32)) {
      long before = Native.allocated();
      Compute c = big(engine);
      Compute.Adapted a = c.adapt(new float[] {1}, new float[] {1});
      for (int round = 0; round < 2; round++) {
        for (int n : new int[] {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64}) {
          c.predict(a, new float[n]);
          assertTrue(Native.allocated() - before < 2 * Programs.IDLE_BYTES, "at " + n);
        }
      }
      assertTrue(c.idle() < 12, c.idle() + " programs are kept");
      assertTrue(c.idle() > 1, c.idle() + " programs are kept");
      c.close();
      assertEquals(before, Native.allocated());
    }
  }

  /** A function whose programs take some 70 MB each. */
  private static Compute big(Engine engine) {
    return compute(engine, new Mlp(List.of(1, 4000, 4000, 1)));
  }

  private static Compute compute(Engine engine, Mlp f) {
    Maml maml = new Maml(f, Criterion.SQUARED_ERROR, 0.01, 1, Order.FIRST, Norm.Policy.NONE);
    Map<String, Array> theta = engine.evaluate(maml.init(new Init(1)));
    return new Compute(engine, ways -> maml, theta, Shape.of(1), Shape.of(1), 1, 8);
  }

  /** Not tagged as a check of a device: the emulator counts, and the bundle has none. */
  @Test
  void neitherIsAnythingLeftOnAGpu() throws InterruptedException {
    long before = Emulator.live();
    try (Engine engine = Engine.on(EmulatedBackend.open())) {
      for (int i = 0; i < 3; i++) {
        Compute c = compute(engine, new Mlp(List.of(1, 8, 1)));
        Compute.Adapted a = c.adapt(new float[] {1, 2, 3}, new float[] {1, 2, 3});
        float[] expected = c.predict(a, new float[] {4, 5, 6});
        // which takes one call at a time
        Thread[] threads = new Thread[4];
        float[][] found = new float[threads.length][];
        for (int t = 0; t < threads.length; t++) {
          int at = t;
          threads[t] = new Thread(() -> found[at] = c.predict(a, new float[] {4, 5, 6}));
          threads[t].start();
        }
        for (int t = 0; t < threads.length; t++) {
          threads[t].join();
          assertEquals(List.of(4f, expected[1]), List.of(4f, found[t][1]));
        }
        assertTrue(Emulator.live() > before, "the counter does not count");
        assertEquals(2, c.idle());
        c.close();
      }
    }
    assertEquals(before, Emulator.live(), "blocks on the device");
  }
}
