package io.quickstudy.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * What the fuzzer found and what it begins with, without the fuzzer: every parser of foreign files
 * keeps its contract on them, on damaged versions of them, and on inputs as large as it lets in.
 */
class CorpusTest {
  private static final int DAMAGED = 500;
  private static final int SHOWN = 2000;
  private static final long MOST_NANOS = 20_000_000_000L;

  @TestFactory
  @Timeout(120)
  Stream<DynamicTest> everyParserKeepsItsContract() {
    return Stream.of(Targets.values()).map(t -> dynamicTest(t.key(), () -> check(t)));
  }

  private static void check(Targets which) throws Exception {
    Target target = which.open();
    List<byte[]> seeds = target.seeds();
    for (int i = 0; i < seeds.size(); i++) {
      assertTrue(holds(target, "seed " + i, seeds.get(i)), "seed " + i + " is not taken");
    }
    for (Map.Entry<String, byte[]> kept : Corpus.kept(which).entrySet()) {
      holds(target, kept.getKey(), kept.getValue());
    }
    List<byte[]> extremes = target.extremes();
    for (int i = 0; i < extremes.size(); i++) {
      holds(target, "extreme " + i, extremes.get(i));
    }
    Mutations mutations = new Mutations(seeds);
    for (int i = 0; i < DAMAGED; i++) {
      holds(target, "damaged " + i, mutations.next());
    }
  }

  private static boolean holds(Target target, String name, byte[] input) {
    try {
      long before = System.nanoTime();
      boolean taken = Contract.holds(target, input);
      long spent = System.nanoTime() - before;
      assertTrue(spent < MOST_NANOS, () -> name + " took " + spent / 1e9 + " seconds");
      return taken;
    } catch (Exception | Error e) {
      String bytes = HexFormat.of().formatHex(input, 0, Math.min(SHOWN, input.length));
      return fail(name + ": " + bytes, e);
    }
  }

  /** A folder of a target that is gone would be no test any more. */
  @Test
  void everyFolderBelongsToATarget() throws IOException {
    List<String> keys = Stream.of(Targets.values()).map(Targets::key).toList();
    try (Stream<Path> folders = Files.list(Path.of("src/test/resources/fuzz"))) {
      folders.forEach(f -> assertTrue(keys.contains(f.getFileName().toString()), f.toString()));
    }
  }
}
