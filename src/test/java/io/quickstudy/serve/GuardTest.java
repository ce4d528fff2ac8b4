package io.quickstudy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.quickstudy.data.DataException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a guard lets through, and what it says of the rest. */
@Timeout(60)
class GuardTest {
  private static final int BYTES = 100;

  private final HttpClient client = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;
  private Guard guard;

  private void serve(int waiting, Duration time, Guard.Work work) throws IOException {
    guard = Guard.limits(BYTES, waiting, time);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/jobs/", guard.post(work));
    server.createContext("/state", guard.get(() -> Map.of("state", "up")));
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void end() {
    if (server != null) {
      server.stop(0);
      guard.close();
    }
    threads.close();
    client.close();
  }

  private HttpRequest post(String path, int bytes) {
    return HttpRequest.newBuilder(
            URI.create(
                "http://%s:%s%s"
                    .formatted(
                        server.getAddress().getHostString(), server.getAddress().getPort(), path)))
        .POST(BodyPublishers.ofByteArray(new byte[bytes]))
        .build();
  }

  private HttpResponse<String> answer(int bytes) throws Exception {
    return client.send(post("/jobs/a", bytes), BodyHandlers.ofString());
  }

  @Test
  void whatFitsIsDoneAndWhatIsLongerIsNot() throws Exception {
    serve(1, Duration.ofSeconds(10), (rest, body) -> Map.of(rest, body.length));
    assertEquals("{\"a\":100}", answer(BYTES).body());
    assertEquals(413, answer(BYTES + 1).statusCode());
    assertEquals(413, answer(2 * BYTES).statusCode());
    HttpResponse<String> wrong = client.send(post("/state", 1), BodyHandlers.ofString());
    assertEquals(405, wrong.statusCode());
    assertEquals("GET", wrong.headers().firstValue("Allow").orElse(""));
    assertEquals(Map.of(200, 1L, 405, 1L, 413, 2L), guard.metrics().byStatus());
  }

  @Test
  void whatIsWrongIsSaidAndWhatFailsIsNot() throws Exception {
    serve(
        1,
        Duration.ofSeconds(10),
        (rest, body) -> {
          if (body.length == 1) {
            throw new DataException("Image 'x' is blank: expected ink; draw it.");
          }
          if (body.length == 3) {
            return new Object(); // nothing that JSON has
          }
          throw new IllegalStateException("secret");
        });
    HttpResponse<String> bad = answer(1);
    assertEquals(400, bad.statusCode());
    assertEquals("{\"error\":\"Image 'x' is blank: expected ink; draw it.\"}", bad.body());
    HttpResponse<String> failed = answer(2);
    assertEquals(500, failed.statusCode());
    assertTrue(!failed.body().contains("secret"), failed.body());
    assertEquals(500, answer(3).statusCode());
    assertEquals(Map.of(400, 1L, 500, 2L), guard.metrics().byStatus());
  }

  @Test
  void thoseWhoAreTooManyAreToldToComeBack() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    int lanes = Runtime.getRuntime().availableProcessors();
    CountDownLatch begun = new CountDownLatch(lanes);
    serve(
        1,
        Duration.ofSeconds(30),
        (rest, body) -> {
          begun.countDown();
          await(go);
          return Map.of();
        });
    List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
    for (int i = 0; i < lanes; i++) {
      sent.add(client.sendAsync(post("/jobs/a", 1), BodyHandlers.ofString()));
    }
    begun.await(); // all threads are at work
    for (int i = 0; i < 3; i++) {
      sent.add(client.sendAsync(post("/jobs/a", 1), BodyHandlers.ofString()));
    }
    // of three more one waits
    CompletableFuture.anyOf(sent.subList(lanes, lanes + 3).toArray(CompletableFuture[]::new)).get();
    long refused;
    do {
      Thread.sleep(1);
      refused = guard.metrics().byStatus().getOrDefault(503, 0L);
    } while (refused < 2);
    go.countDown();
    int done = 0;
    for (CompletableFuture<HttpResponse<String>> f : sent) {
      HttpResponse<String> r = f.get();
      done += r.statusCode() == 200 ? 1 : 0;
      if (r.statusCode() == 503) {
        assertEquals("1", r.headers().firstValue("Retry-After").orElse(""));
      }
    }
    assertEquals(lanes + 1, done);
  }

  @Test
  void nobodyWaitsLongerThanTheLimit() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    serve(
        1,
        Duration.ofMillis(50),
        (rest, body) -> {
          await(go);
          return Map.of();
        });
    HttpResponse<String> late = answer(1);
    assertEquals(503, late.statusCode());
    assertTrue(late.body().contains("took longer than 50 ms"), late.body());
    go.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void limitsAreNumbers() {
    assertThrows(IllegalArgumentException.class, () -> Guard.limits(0, 1, Duration.ofSeconds(1)));
    assertThrows(IllegalArgumentException.class, () -> Guard.limits(1, 1, Duration.ZERO));
  }
}
