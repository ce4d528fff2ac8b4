package io.quickstudy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.Quickstudy;
import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Runs;
import io.quickstudy.adapt.Support;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a cache of classifiers keeps, and how often it has them made. */
class ClassifierCacheTest {
  @TempDir private static Path temporary;
  private static Adapter adapter;
  private static Support support;

  @BeforeAll
  static void load() throws Exception {
    Runs.write(temporary, 2, 0, 1);
    support = Support.ofFolder(temporary);
    adapter = Quickstudy.load(Runs.protonet(), AdaptOptions.usual().device("cpu"));
  }

  @AfterAll
  static void close() {
    adapter.close();
  }

  private static Classifier made() {
    return adapter.adapt(support);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void theOneThatWasNotUsedForLongestGoes() {
    ClassifierCache cache = new ClassifierCache(2);
    String a = cache.put(bytes("a"), ClassifierCacheTest::made);
    String b = cache.put(bytes("b"), ClassifierCacheTest::made);
    assertNotEquals(a, b);
    Classifier of = cache.get(a);
    String c = cache.put(bytes("c"), ClassifierCacheTest::made);
    assertSame(of, cache.get(a));
    cache.get(c);
    assertEquals(2, cache.size());
    assertEquals(1, cache.removed());
    NoSuchElementException e = assertThrows(NoSuchElementException.class, () -> cache.get(b));
    assertEquals(
        ("Classifier '%s' is not known: expected the id of one of the 2 that were used last; send"
                + " its support images again.")
            .formatted(b),
        e.getMessage());
  }

  @Test
  @Timeout(60)
  void whoeverAsksAtTheSameTimeHasItMadeOnce() throws Exception {
    ClassifierCache cache = new ClassifierCache(2);
    AtomicInteger made = new AtomicInteger();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<Future<String>> ids = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        ids.add(
            threads.submit(
                () ->
                    cache.put(
                        bytes("a"),
                        () -> {
                          made.incrementAndGet();
                          begun.countDown();
                          await(go);
                          return made();
                        })));
      }
      begun.await();
      go.countDown();
      for (Future<String> id : ids) {
        assertEquals(ids.getFirst().get(), id.get());
      }
    }
    assertEquals(1, made.get());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatFailsIsNotKept() {
    ClassifierCache cache = new ClassifierCache(2);
    byte[] a = bytes("a");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                cache.put(
                    a,
                    () -> {
                      throw new IllegalArgumentException("no");
                    }));
    assertEquals("no", e.getMessage());
    assertEquals(0, cache.size());
    assertTrue(cache.get(cache.put(a, ClassifierCacheTest::made)).classes().contains("c0"));
    assertThrows(IllegalArgumentException.class, () -> new ClassifierCache(0));
  }
}
