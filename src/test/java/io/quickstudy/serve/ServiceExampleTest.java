package io.quickstudy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.DocumentedCode;
import io.quickstudy.Quickstudy;
import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Image;
import io.quickstudy.adapt.Runs;
import io.quickstudy.adapt.Support;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service of docs/java.md as a process of its own, with 8 clients, bad requests among theirs:
 * every request gets the answer that is due to it, and right ones those of a single thread.
 */
class ServiceExampleTest {
  private static final int CLIENTS = 8;
  private static final int ROUNDS = 16;
  private static final int CLASSES = 3;
  private static final int FIRST_QUERY = 10;
  private static final int TOO_LONG = 17 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern COUNT =
      Pattern.compile(
          "(?m)^quickstudy_requests_total\\{path=\"([^\"]*)\",status=\"(\\d+)\"} (\\d+)$");

  @TempDir private Path temporary;
  private Process service;
  private String url;

  @BeforeEach
  void start() throws Exception {
    String name =
        DocumentedCode.compile(
            DocumentedCode.blocks(Path.of("docs/java.md")).getFirst(), temporary);
    ProcessBuilder b =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path") + File.pathSeparator + temporary,
            name,
            Runs.protonet().toString(),
            "0");
    service = b.redirectError(temporary.resolve("err").toFile()).start();
    url =
        new BufferedReader(new InputStreamReader(service.getInputStream(), StandardCharsets.UTF_8))
            .readLine();
    assertTrue(url != null && url.startsWith("http://"), () -> "no service: " + said(temporary));
  }

  private static String said(Path folder) {
    try {
      return Files.readString(folder.resolve("err"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  @AfterEach
  void stop() {
    service.destroyForcibly();
  }

  /** An answer, as far as it is looked at. */
  private record Answer(int status, JsonNode json) {}

  private Answer send(HttpClient client, String path, byte[] body) throws Exception {
    HttpRequest.Builder r = HttpRequest.newBuilder(URI.create(url + path));
    HttpRequest request =
        body == null ? r.build() : r.POST(BodyPublishers.ofByteArray(body)).build();
    HttpResponse<byte[]> got = client.send(request, BodyHandlers.ofByteArray());
    return new Answer(got.statusCode(), JSON.readTree(got.body()));
  }

  private void refused(int status, String sentence, Answer a) {
    assertEquals(status, a.status(), a::toString);
    assertTrue(a.json().get("error").asText().matches(sentence), a::toString);
  }

  @Test
  @Timeout(120)
  void eightClientsAndBadRequestsLoseNothing() throws Exception {
    List<byte[]> archives = new ArrayList<>();
    List<List<byte[]>> queries = new ArrayList<>();
    List<List<Map<String, Double>>> expected = new ArrayList<>();
    try (Adapter adapter = Quickstudy.load(Runs.protonet(), AdaptOptions.usual().device("cpu"))) {
      for (int shots = 1; shots <= 3; shots++) {
        Path support = temporary.resolve("support" + shots);
        Path query = temporary.resolve("query" + shots);
        Runs.write(support, CLASSES, 0, shots);
        Runs.write(query, CLASSES, FIRST_QUERY, 2);
        archives.add(zip(support));
        Classifier c = adapter.adapt(Support.ofFolder(support));
        List<byte[]> images = new ArrayList<>();
        List<Map<String, Double>> answers = new ArrayList<>();
        for (Path image : images(query)) {
          images.add(Files.readAllBytes(image));
          answers.add(c.predict(Image.read(image)).probabilities());
        }
        queries.add(images);
        expected.add(answers);
      }
    }

    List<Callable<Integer>> clients = new ArrayList<>();
    for (int c = 0; c < CLIENTS; c++) {
      int first = c;
      clients.add(() -> client(first, archives, queries, expected));
    }
    int sent = 0;
    try (ExecutorService all = Executors.newFixedThreadPool(CLIENTS)) {
      for (Future<Integer> f : all.invokeAll(clients)) {
        sent += f.get(); // throws what a client found wrong
      }
    }

    HttpClient one = HttpClient.newHttpClient();
    HttpResponse<String> metrics =
        one.send(
            HttpRequest.newBuilder(URI.create(url + "/metrics")).build(), BodyHandlers.ofString());
    assertEquals(Metrics.CONTENT_TYPE, metrics.headers().firstValue("Content-Type").orElse(""));
    int counted =
        COUNT
            .matcher(metrics.body())
            .results()
            .filter(m -> !m.group(2).equals("499"))
            .mapToInt(m -> Integer.parseInt(m.group(3)))
            .sum();
    assertEquals(sent, counted, metrics.body());
    assertTrue(metrics.body().contains("\nquickstudy_classifiers 3\n"), metrics.body());
    assertTrue(!metrics.body().contains("status=\"500\""), metrics.body());

    service.destroy(); // as a cluster ends it
    assertTrue(service.waitFor(30, TimeUnit.SECONDS), "it does not end");
    assertEquals("", said(temporary));
  }

  /** Sends requests of all kinds in turn, and says how many. */
  private int client(
      int first,
      List<byte[]> archives,
      List<List<byte[]>> queries,
      List<List<Map<String, Double>>> expected)
      throws Exception {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    int sent = 0;
    for (int i = first; i < first + ROUNDS; i++) {
      int set = i % archives.size();
      Answer adapted = send(http, "/classifiers", archives.get(set));
      assertEquals(200, adapted.status(), adapted::toString);
      assertEquals("[\"c0\",\"c1\",\"c2\"]", adapted.json().get("classes").toString());
      String id = adapted.json().get("id").asText();
      int q = i % queries.get(set).size();
      Answer predicted = send(http, "/predict/" + id, queries.get(set).get(q));
      assertEquals(200, predicted.status(), predicted::toString);
      for (Map.Entry<String, Double> p : expected.get(set).get(q).entrySet()) {
        assertEquals(
            p.getValue(), predicted.json().get("probabilities").get(p.getKey()).asDouble());
      }
      sent += 2;
      switch (i % 8) {
        case 0 ->
            refused(
                400,
                "11 bytes that are no ZIP archive: expected .*",
                send(http, "/classifiers", "hello world".getBytes(StandardCharsets.US_ASCII)));
        case 1 ->
            refused(
                404,
                "Classifier 'none' is not known: expected .*",
                send(http, "/predict/none", queries.get(set).get(q)));
        case 2 ->
            refused(400, "(?s)Image .*: expected .*", send(http, "/predict/" + id, new byte[99]));
        case 3 -> refused(405, "Method GET .*", send(http, "/predict/" + id, null));
        case 4 ->
            refused(
                413, "A request of more than .*", send(http, "/classifiers", new byte[TOO_LONG]));
        case 5 -> assertEquals("up", send(http, "/health", null).json().get("status").asText());
        case 6 -> refused(404, "Path '/health/x' .*", send(http, "/health/x", null));
        default -> {
          cutOff();
          sent--;
        }
      }
      sent++;
    }
    return sent;
  }

  /** A client that goes away in the midst of what it said it would send. */
  private void cutOff() throws IOException {
    URI u = URI.create(url);
    try (Socket s = new Socket(u.getHost(), u.getPort())) {
      s.getOutputStream()
          .write(
              "POST /classifiers HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nPK"
                  .getBytes(StandardCharsets.US_ASCII));
      s.getOutputStream().flush();
    }
  }

  private static List<Path> images(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static byte[] zip(Path folder) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (Path image : images(folder)) {
        out.putNextEntry(new ZipEntry(folder.relativize(image).toString()));
        Files.copy(image, out);
        out.closeEntry();
      }
    }
    return bytes.toByteArray();
  }
}
