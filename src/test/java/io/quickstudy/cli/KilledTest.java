package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.StandIns;
import io.quickstudy.runtime.Engine;
import io.quickstudy.suite.CheckedDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run whose process is killed again and again, at start-up, between and within steps and
 * checkpoints, and goes on each time, ends with the bits of one that nobody disturbed; on the CPU,
 * on the emulator of a GPU and, where there is one, on a GPU.
 */
class KilledTest {
  /** On the CPU; a property asks for more on every device. */
  private static final int KILLS = Integer.getInteger("quickstudy.test.kills", 30);

  /** Elsewhere: 50 in all. */
  private static final int MORE_KILLS = Integer.getInteger("quickstudy.test.kills", 20);

  private static final int STEPS = 900;
  private static final int EVAL_EVERY = 7;
  private static final String FINAL =
      String.format(Locale.ROOT, "checkpoints/step-%07d.safetensors", STEPS);

  @TempDir private Path temporary;

  /** A device to train on. */
  private record Place(String name, String device, Map<String, String> environment) {
    int kills() {
      return device.equals("cpu") ? KILLS : MORE_KILLS;
    }
  }

  private List<Place> places() throws IOException, InterruptedException {
    if (CheckedDevice.given()) {
      String device = System.getProperty(CheckedDevice.PROPERTY);
      return List.of(new Place("device", device, Map.of()));
    }
    List<Place> places = new ArrayList<>(List.of(new Place("cpu", "cpu", Map.of())));
    if (System.getProperty("os.name").equals("Linux")) {
      Path folder = Files.createDirectory(temporary.resolve("libraries"));
      StandIns.buildDriver(folder);
      places.add(new Place("emulated", "cuda", StandIns.environment(folder)));
    }
    try (Engine gpu = Engine.open("cuda", 1, Precision.FP32)) {
      places.add(new Place("gpu", gpu.device(), Map.of()));
    } catch (BackendException e) {
      System.out.println("KilledTest: not on a GPU. " + e.getMessage());
    }
    return places;
  }

  private static List<String> arguments(Place place, Path run, String... more) {
    List<String> a = new ArrayList<>();
    a.addAll(List.of("train", "--resume", "--device=" + place.device(), "--out=" + run));
    a.addAll(List.of("--data=sinusoid", "--hidden=8", "--meta-batch=2", "--eval-inner-steps=1"));
    a.addAll(List.of("--eval-every=" + EVAL_EVERY, "--val-episodes=4", "--eval-episodes=4"));
    a.addAll(List.of("--steps=" + STEPS, "--log-every=1"));
    a.addAll(List.of(more));
    return a;
  }

  @Test
  void aRunThatIsKilledAgainAndAgainEndsWithTheSameBits() throws Exception {
    assumeFalse(System.getProperty("os.name").startsWith("Windows"), "no SIGKILL on Windows");
    List<Place> places = places();
    try (ExecutorService each = Executors.newFixedThreadPool(places.size())) {
      List<Future<Void>> done = new ArrayList<>();
      for (Place p : places) {
        Callable<Void> killed =
            () -> {
              new Killed(p, temporary).run();
              return null;
            };
        done.add(each.submit(killed));
      }
      for (Future<Void> d : done) {
        d.get();
      }
    }
  }

  /** One run, and the one it is compared with. */
  private static final class Killed {
    private final Place place;
    private final Path log;
    private final Path whole;
    private final Path parts;
    private final Random random = new Random(7);
    private int early;
    private int between;
    private int torn;

    Killed(Place place, Path folder) {
      this.place = place;
      this.log = folder.resolve(place.name() + "-log");
      this.whole = folder.resolve(place.name() + "-whole");
      this.parts = folder.resolve(place.name() + "-parts");
    }

    void run() throws IOException, InterruptedException {
      long start = System.nanoTime();
      finish(whole);
      long startUp = (System.nanoTime() - start) / 2;
      for (int i = 0; i < place.kills(); i++) {
        try (Child child =
            Child.start(
                log, place.environment(), arguments(place, parts, "--checkpoint-every=1"))) {
          disturb(child, startUp);
        }
      }
      System.out.printf(
          Locale.ROOT,
          "KilledTest: %s: %d kills, %d before the first step, %d within a checkpoint, at step"
              + " %d%n",
          place.name(),
          place.kills(),
          early,
          torn,
          Child.newestStep(parts));
      assertTrue(between > place.kills() / 4, between + " kills between steps");
      assertTrue(torn > 0, "no kill within a checkpoint");
      assertTrue(Child.newestStep(parts) < STEPS, "killed before the end");
      finish(parts);
      assertEquals(-1, Files.mismatch(whole.resolve(FINAL), parts.resolve(FINAL)));
      assertEquals(metrics(whole), metrics(parts));
    }

    private void finish(Path run) throws InterruptedException {
      try (Child child =
          Child.start(log, place.environment(), arguments(place, run, "--checkpoint-every=300"))) {
        assertEquals(0, child.end(), child::said);
      }
    }

    /** Kills at some moment: at start-up, after some steps, or as soon as a file is half there. */
    private void disturb(Child child, long startUp) throws IOException, InterruptedException {
      int before = Child.newestStep(parts);
      int kind = random.nextInt(5);
      if (kind == 0) {
        Thread.sleep((long) (random.nextDouble() * startUp / 1e6));
      } else {
        int steps = 1 + random.nextInt(8);
        child.await("a step", () -> Child.newestStep(parts) >= before + steps);
        long until = System.nanoTime() + (long) (random.nextDouble() * 2e7);
        while (kind < 3 ? System.nanoTime() < until : !isTorn() && child.isAlive()) {
          Thread.onSpinWait();
        }
      }
      child.kill();
      early += Child.newestStep(parts) <= before ? 1 : 0;
      between += Child.newestStep(parts) > before ? 1 : 0;
      torn += isTorn() ? 1 : 0;
    }

    /** Whether a part of a checkpoint is there. */
    private boolean isTorn() throws IOException {
      if (!Files.isDirectory(parts.resolve("checkpoints"))) {
        return false;
      }
      try (var files = Files.list(parts.resolve("checkpoints"))) {
        List<String> names = files.map(f -> f.getFileName().toString()).toList();
        return names.stream()
            .anyMatch(
                n ->
                    n.endsWith(".tmp")
                        || (n.endsWith(".safetensors")
                            && !names.contains(n.replace(".safetensors", ".json"))));
      }
    }

    /** Every line of training and validation, without its times. */
    private static List<String> metrics(Path run) throws IOException {
      List<String> lines = new ArrayList<>();
      for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
        JsonNode n = new ObjectMapper().readTree(line);
        if (n.has("loss") || n.has("value")) {
          lines.add(n.get("step") + " " + n.path("loss") + n.path("value") + n.path("split_part"));
        }
      }
      return lines;
    }
  }
}
