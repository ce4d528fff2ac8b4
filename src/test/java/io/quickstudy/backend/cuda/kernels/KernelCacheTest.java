package io.quickstudy.backend.cuda.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiled kernels on disk. */
class KernelCacheTest {
  private static final byte[] CODE = "code of a kernel".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private final AtomicInteger made = new AtomicInteger();

  private byte[] get(Path in) {
    return new KernelCache(in)
        .get(
            "k.bin",
            () -> {
              made.incrementAndGet();
              return CODE;
            });
  }

  @Test
  void anEntryIsMadeOnce() {
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(CODE, get(folder.resolve("new/folder")));
    }
    assertEquals(1, made.get());
  }

  @Test
  void aDamagedEntryIsMadeAgain() throws IOException {
    get(folder);
    Path entry = folder.resolve("k.bin");
    byte[] whole = Files.readAllBytes(entry);
    for (int cut : new int[] {0, 1, 32, whole.length - 1}) {
      Files.write(entry, java.util.Arrays.copyOf(whole, cut));
      assertArrayEquals(CODE, get(folder));
      assertArrayEquals(whole, Files.readAllBytes(entry), "rewritten");
    }
    byte[] changed = whole.clone();
    changed[3] ^= 1;
    Files.write(entry, changed);
    assertArrayEquals(CODE, get(folder));
    assertEquals(6, made.get());
  }

  @Test
  void aFolderThatCannotBeWrittenToIsDoneWithout() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    assertArrayEquals(CODE, get(file));
    assertArrayEquals(CODE, get(file.resolve("below")));
    assertEquals(2, made.get());
  }

  @Test
  void severalMayStartAtOnceAndLeaveNoParts() throws IOException {
    IntStream.range(0, 40).parallel().forEach(i -> assertArrayEquals(CODE, get(folder)));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(folder.resolve("k.bin")), left.toList());
    }
  }

  @Test
  void aKeyDependsOnEveryPartAndWhereItEnds() {
    assertEquals(KernelCache.key(List.of("a", "bc")), KernelCache.key(List.of("a", "bc")));
    assertNotEquals(KernelCache.key(List.of("a", "bc")), KernelCache.key(List.of("ab", "c")));
    assertNotEquals(KernelCache.key(List.of("a")), KernelCache.key(List.of("a", "")));
  }

  @Test
  void itLiesInTheUsersCacheFolder() {
    Path home = Path.of("/home/u");
    assertTrue(KernelCache.of(Map.of(), home).folder().endsWith("u/.cache/quickstudy/kernels"));
    assertEquals(
        Path.of("/c/quickstudy/kernels"),
        KernelCache.of(Map.of("XDG_CACHE_HOME", "/c"), home).folder());
  }
}
