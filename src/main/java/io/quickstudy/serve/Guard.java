package io.quickstudy.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.quickstudy.data.DataException;
import io.quickstudy.run.RunException;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Names;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Handlers for the JDK's HTTP server that a stranger cannot bring down. Work has as many threads as
 * there are processors; a bounded number of requests wait for them, and no longer than a limit.
 * Every request gets an answer in JSON:
 *
 * <ul>
 *   <li>200 with what the work gave;
 *   <li>400 where what was sent is wrong, with the sentence that says what and how to repair it;
 *   <li>404 for a path or an id that is not known, 405 for another method;
 *   <li>413 for more bytes than allowed, which are never kept;
 *   <li>503 with {@code Retry-After} where too many wait, and where the time was over: work that
 *       had not begun by then is left undone;
 *   <li>500 where the service is wrong itself, which is logged and not shown.
 * </ul>
 *
 * <p>Who is slow to send is the server's own affair: {@code sun.net.httpserver.maxReqTime} and
 * {@code maxRspTime} (seconds, system properties read when the first server is made) close such
 * connections. Encryption and who may ask are a proxy's.
 */
public final class Guard implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.quickstudy");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BLOCK = 1 << 16;

  private static final int HTTP_OK = 200;
  private static final int HTTP_BAD_REQUEST = 400;
  private static final int HTTP_NOT_FOUND = 404;
  private static final int HTTP_BAD_METHOD = 405;
  private static final int HTTP_TOO_LARGE = 413;

  /** Is counted where the client went away; nothing is sent. */
  private static final int CLIENT_CLOSED = 499;

  private static final int HTTP_INTERNAL = 500;
  private static final int HTTP_UNAVAILABLE = 503;

  private final int mostBytes;
  private final Duration time;
  private final Metrics metrics = new Metrics();
  private final ThreadPoolExecutor work;

  /** Answers a request. */
  @FunctionalInterface
  public interface Work {
    /**
     * The answer, which becomes JSON.
     *
     * @param rest of the path behind that of the handler; often empty
     * @param body what was sent
     * @throws IllegalArgumentException of one sentence, for what was sent wrong; a {@code
     *     DataException} or {@code ConfigException} likewise
     * @throws NoSuchElementException of one sentence, for what is not known
     */
    Object answer(String rest, byte[] body);
  }

  private Guard(int mostBytes, int mostWaiting, Duration time) {
    this.mostBytes = mostBytes;
    this.time = time;
    int threads = Runtime.getRuntime().availableProcessors();
    this.work =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(mostWaiting),
            Thread.ofPlatform().daemon().name("quickstudy-work-", 0).factory());
    metrics.gauge("quickstudy_requests_waiting", () -> work.getQueue().size());
    metrics.gauge("quickstudy_requests_running", work::getActiveCount);
  }

  /**
   * A guard.
   *
   * @param mostBytes of a request's body
   * @param mostWaiting requests that wait for a thread
   * @param time from a request's arrival to its answer
   * @throws IllegalArgumentException if one of them is not positive
   */
  public static Guard limits(int mostBytes, int mostWaiting, Duration time) {
    if (mostBytes < 1 || mostWaiting < 1 || !time.isPositive()) {
      throw new IllegalArgumentException(
          "A limit of %s bytes, %s requests and %s: expected numbers of at least 1; change them."
              .formatted(mostBytes, mostWaiting, time));
    }
    return new Guard(mostBytes, mostWaiting, time);
  }

  /** Does work with what is posted. */
  public HttpHandler post(Work of) {
    return exchange -> handle(exchange, "POST", of);
  }

  /** Says something, which takes no time: it is not made to wait. */
  public HttpHandler get(Supplier<?> of) {
    return exchange -> handle(exchange, "GET", (rest, body) -> of.get());
  }

  /** Says what {@link #metrics} counted. */
  public HttpHandler metricsText() {
    return exchange -> {
      byte[] text = metrics.text().getBytes(StandardCharsets.UTF_8);
      send(exchange, HTTP_OK, Metrics.CONTENT_TYPE, text);
    };
  }

  /** What was counted; gauges may be added. */
  public Metrics metrics() {
    return metrics;
  }

  /** Waits for work that has begun, for as long as a request may take. */
  @Override
  public void close() {
    work.shutdown();
    try {
      if (!work.awaitTermination(time.toMillis(), TimeUnit.MILLISECONDS)) {
        work.shutdownNow();
      }
    } catch (InterruptedException e) {
      work.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** An answer other than 200. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;
    private final int status;

    Refusal(int status, String sentence) {
      super(sentence);
      this.status = status;
    }
  }

  private void handle(HttpExchange exchange, String method, Work of) throws IOException {
    long start = System.nanoTime();
    String path = exchange.getHttpContext().getPath();
    int status = CLIENT_CLOSED;
    byte[] text;
    try {
      try {
        text = json(answer(exchange, path, method, of, start));
        status = HTTP_OK;
      } catch (Refusal r) {
        status = r.status;
        text = JSON.writeValueAsBytes(Map.of("error", r.getMessage()));
        if (status == HTTP_UNAVAILABLE) {
          exchange.getResponseHeaders().set("Retry-After", "1");
        } else if (status == HTTP_BAD_METHOD) {
          exchange.getResponseHeaders().set("Allow", method);
        }
      }
    } finally {
      // before it is sent: who has an answer finds it counted
      metrics.answered(path, status, System.nanoTime() - start);
      if (status == CLIENT_CLOSED) {
        exchange.close();
      }
    }
    send(exchange, status, "application/json", text);
  }

  private static byte[] json(Object answer) throws Refusal {
    try {
      return JSON.writeValueAsBytes(answer);
    } catch (JsonProcessingException e) {
      throw refusal(e);
    }
  }

  private Object answer(HttpExchange exchange, String path, String method, Work of, long start)
      throws IOException, Refusal {
    String full = exchange.getRequestURI().getPath();
    String rest = full.substring(path.length());
    if (!path.endsWith("/") && !rest.isEmpty()) {
      throw new Refusal(
          HTTP_NOT_FOUND,
          "Path '%s' is not known: expected '%s'; change it.".formatted(Names.shown(full), path));
    }
    if (!exchange.getRequestMethod().equals(method)) {
      throw new Refusal(
          HTTP_BAD_METHOD,
          "Method %s of '%s': expected %s; change it."
              .formatted(Names.shown(exchange.getRequestMethod()), path, method));
    }
    byte[] body = body(exchange);
    return method.equals("GET")
        ? judged(() -> of.answer(rest, body))
        : waited(rest, body, of, start);
  }

  /**
   * The body, or what is wrong with it; what is too long is read once more as far, to be polite.
   */
  private byte[] body(HttpExchange exchange) throws IOException, Refusal {
    InputStream in = exchange.getRequestBody();
    byte[] body = in.readNBytes(mostBytes);
    if (body.length == mostBytes && in.read() >= 0) {
      // who still sends does not hear the answer when the connection is cut
      byte[] block = new byte[BLOCK];
      long room = mostBytes;
      for (int n = in.read(block); n > 0 && room > 0; n = in.read(block)) {
        room -= n;
      }
      throw new Refusal(
          HTTP_TOO_LARGE,
          "A request of more than %s bytes: expected at most so many; send smaller images or fewer."
              .formatted(mostBytes));
    }
    return body;
  }

  private Object waited(String rest, byte[] body, Work of, long start) throws Refusal {
    Future<Object> future;
    try {
      future = work.submit(() -> of.answer(rest, body));
    } catch (RejectedExecutionException e) {
      throw new Refusal(
          HTTP_UNAVAILABLE,
          "Too many requests wait: expected fewer at a time; try again in a second.");
    }
    try {
      return future.get(start + time.toNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      future.cancel(false);
      throw new Refusal(
          HTTP_UNAVAILABLE,
          "The request took longer than %s ms: expected an answer by then; try again."
              .formatted(time.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(HTTP_UNAVAILABLE, "The service ends: expected it to run; try again.");
    } catch (ExecutionException e) {
      throw refusal(e.getCause());
    }
  }

  private static Object judged(Supplier<?> of) throws Refusal {
    try {
      return of.get();
    } catch (RuntimeException e) {
      throw refusal(e);
    }
  }

  /** What a failure is to the client: its own fault, or one that is ours and only logged. */
  private static Refusal refusal(Throwable failure) {
    return switch (failure) {
      case NoSuchElementException e -> new Refusal(HTTP_NOT_FOUND, e.getMessage());
      case DataException e -> new Refusal(HTTP_BAD_REQUEST, e.getMessage());
      case ConfigException e -> new Refusal(HTTP_BAD_REQUEST, e.getMessage());
      // such as a support set that nothing can be learnt of
      case RunException e -> new Refusal(HTTP_BAD_REQUEST, e.getMessage());
      case IllegalArgumentException e -> new Refusal(HTTP_BAD_REQUEST, e.getMessage());
      default -> {
        LOG.log(Level.ERROR, "a request failed", failure);
        yield new Refusal(
            HTTP_INTERNAL, "The service failed: expected an answer; its log says why.");
      }
    };
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] text)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, text.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(text);
      }
    }
  }
}
