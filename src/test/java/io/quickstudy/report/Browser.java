package io.quickstudy.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Chromium without a screen, spoken to over its DevTools protocol. One page at a time. */
final class Browser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");
  private static final int SECONDS = 60;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final Path profile;
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();
  private String session;
  private int last;

  /** The program of a browser on the path. */
  static Optional<Path> find() {
    String path = System.getenv().getOrDefault("PATH", "");
    return NAMES.stream()
        .flatMap(n -> Stream.of(path.split(File.pathSeparator)).map(d -> Path.of(d, n)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  Browser(Path program) throws IOException {
    profile = Files.createTempDirectory("quickstudy-browser");
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .start();
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(address(process.inputReader()), new Listener())
            .join();
    JsonNode target = send("Target.createTarget", Map.of("url", "about:blank"));
    Map<String, Object> attach =
        Map.of("targetId", target.get("targetId").asText(), "flatten", true);
    session = send("Target.attachToTarget", attach).get("sessionId").asText();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      send(domain + ".enable", Map.of());
    }
  }

  private static URI address(BufferedReader output) throws IOException {
    StringBuilder said = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      said.append(line).append('\n');
      Matcher m = LISTENING.matcher(line);
      if (m.find()) {
        Thread drain = new Thread(() -> drain(output), "browser output");
        drain.setDaemon(true);
        drain.start();
        return URI.create(m.group(1));
      }
    }
    throw new IOException("the browser ended before it listened: " + said);
  }

  /** What it says later is read away, or the pipe would fill. */
  private static void drain(BufferedReader output) {
    try {
      while (output.readLine() != null) {
        // nothing of it is needed
      }
    } catch (IOException e) {
      // closed with the browser
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean end) {
      text.append(data);
      if (end) {
        try {
          received(JSON.readTree(text.toString()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private void received(JsonNode n) {
    if (n.has("id")) {
      waiting.remove(n.get("id").asInt()).complete(n);
      return;
    }
    JsonNode p = n.path("params");
    switch (n.path("method").asText()) {
      case "Page.loadEventFired" -> loaded.complete(null);
      case "Runtime.exceptionThrown" -> complaints.add("exception " + p);
      case "Runtime.consoleAPICalled" -> complaints.add("console " + p);
      case "Log.entryAdded" -> complaints.add("log " + p);
      case "Network.loadingFailed" -> complaints.add("failed " + p);
      case "Network.requestWillBeSent" -> requests.add(p.at("/request/url").asText());
      default -> {
        // what nobody asked for
      }
    }
  }

  private synchronized JsonNode send(String method, Map<String, ?> params) {
    ObjectNode n = JSON.createObjectNode();
    n.put("id", ++last).put("method", method).set("params", JSON.valueToTree(params));
    if (session != null) {
      n.put("sessionId", session);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(last, answer);
    socket.sendText(n.toString(), true).join();
    JsonNode a = await(answer, method);
    if (a.has("error")) {
      throw new IllegalStateException(method + ": " + a.get("error"));
    }
    return a.get("result");
  }

  private static <T> T await(CompletableFuture<T> f, String what) {
    try {
      return f.get(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the browser did not answer " + what, e);
    }
  }

  /** Shows a page from a file: on a screen of a width, in "light" or "dark". */
  void show(Path page, int width, String scheme) {
    send(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 500));
    Map<String, String> feature = Map.of("name", "prefers-color-scheme", "value", scheme);
    send("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
    complaints.clear();
    requests.clear();
    loaded = new CompletableFuture<>();
    send("Page.navigate", Map.of("url", page.toUri().toString()));
    await(loaded, "loading " + page);
  }

  /** What an expression gives. */
  JsonNode evaluate(String expression) {
    JsonNode r = send("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (r.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + r.get("exceptionDetails"));
    }
    return r.at("/result/value");
  }

  /** Moves the pointer, in pixels of the window. */
  void point(double x, double y) {
    send("Input.dispatchMouseEvent", Map.of("type", "mouseMoved", "x", x, "y", y));
  }

  /** A picture of the whole page as PNG. */
  byte[] picture() {
    Map<String, Object> all = Map.of("format", "png", "captureBeyondViewport", true);
    return Base64.getDecoder().decode(send("Page.captureScreenshot", all).get("data").asText());
  }

  /** What the console, failed loads and exceptions said since the page was shown. */
  List<String> complaints() {
    return new ArrayList<>(complaints);
  }

  /** What was asked for since the page was shown. */
  List<String> requests() {
    return new ArrayList<>(requests);
  }

  @Override
  public void close() throws IOException {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(profile)) {
      for (Path p : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(p);
      }
    }
  }
}
