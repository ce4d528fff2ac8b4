package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The service of docs/java.md under load: a process of its own, with clients in this one on the
 * same processors. Requests are sent at a fixed rate whatever becomes of those before, and each is
 * timed from the moment at which it was due, so that a service that falls behind is not spared.
 */
@Command(
    name = "service",
    description =
        "The HTTP service of docs/java.md: predictions a second and how long they take, with 4"
            + " blocks of 64 filters at 84 x 84, photos as JPEG.",
    mixinStandardHelpOptions = true)
final class ServiceCommand implements Callable<Integer> {
  private static final Pattern JAVA = Pattern.compile("(?s)```java\n(.*?)```");
  private static final int CLASSES = 5;
  private static final double SECOND = 1e9;
  private static final double MILLI = 1e6;
  private static final int OK = 200;

  @Option(
      names = "--rate",
      split = ",",
      paramLabel = "N",
      description = "predictions asked for in a second (default: ${DEFAULT-VALUE})")
  private List<Integer> rates = List.of(100, 200, 300);

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "for each rate, after a tenth of it to warm up (default: ${DEFAULT-VALUE})")
  private int seconds = 30;

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "height and width that the network takes (default: ${DEFAULT-VALUE})")
  private int size = 84;

  @Option(
      names = "--photo",
      paramLabel = "N",
      description = "height and width of the photos that are sent (default: ${DEFAULT-VALUE})")
  private int photo = 256;

  @Option(
      names = "--document",
      paramLabel = "FILE",
      description = "where the service's code is (default: ${DEFAULT-VALUE})")
  private Path document = Path.of("docs/java.md");

  @Override
  public Integer call() throws Exception {
    try (Photos photos = new Photos(photo)) {
      Process service = start(photos.folder(), photos.run("conv", size));
      try {
        String url =
            new BufferedReader(
                    new InputStreamReader(service.getInputStream(), StandardCharsets.UTF_8))
                .readLine();
        if (url == null) {
          throw new BenchmarkException("the service did not start; its reason is above");
        }
        try (HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
          measure(client, url, photos);
        }
      } finally { // before its folder goes
        service.destroy();
        service.waitFor(10, TimeUnit.SECONDS);
      }
    }
    return 0;
  }

  private Process start(Path folder, Path run) throws IOException {
    Matcher code = JAVA.matcher(Files.readString(document));
    if (!code.find()) {
      throw new BenchmarkException("no Java in " + document);
    }
    Path file = Files.writeString(folder.resolve("Service.java"), code.group(1));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    String path = System.getProperty("java.class.path");
    if (compiler.run(null, null, null, "-d", folder + "", "-cp", path, file + "") != 0) {
      throw new BenchmarkException("the service of " + document + " does not compile");
    }
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            path + File.pathSeparator + folder,
            "Service",
            run.toString(),
            "0")
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private void measure(HttpClient client, String url, Photos photos) throws Exception {
    SplittableRandom random = new SplittableRandom(2);
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(archive)) {
      for (int c = 0; c < CLASSES; c++) {
        zip.putNextEntry(new ZipEntry("class" + c + "/1.jpg"));
        zip.write(photos.one(c, random));
        zip.closeEntry();
      }
    }
    HttpResponse<byte[]> adapted =
        client.send(
            HttpRequest.newBuilder(URI.create(url + "/classifiers"))
                .POST(BodyPublishers.ofByteArray(archive.toByteArray()))
                .build(),
            BodyHandlers.ofByteArray());
    if (adapted.statusCode() != OK) {
      throw new BenchmarkException(new String(adapted.body(), StandardCharsets.UTF_8));
    }
    String id = new ObjectMapper().readTree(adapted.body()).get("id").asText();
    List<HttpRequest> requests = new ArrayList<>();
    long bytes = 0;
    for (int i = 0; i < 40; i++) {
      byte[] jpeg = photos.one(i % CLASSES, random);
      bytes += jpeg.length;
      requests.add(
          HttpRequest.newBuilder(URI.create(url + "/predict/" + id))
              .POST(BodyPublishers.ofByteArray(jpeg))
              .build());
    }
    System.out.printf(
        Locale.ROOT,
        "%d processors; photos of %d x %d, %d kB each; network at %d x %d%n",
        Runtime.getRuntime().availableProcessors(),
        photo,
        photo,
        bytes / requests.size() / 1000,
        size,
        size);
    System.out.println("asked/s  done/s   p50 ms   p90 ms   p99 ms   max ms  refused");
    for (int rate : rates) {
      load(client, requests, rate, Math.max(1, seconds / 10));
      Loaded l = load(client, requests, rate, seconds);
      System.out.printf(
          Locale.ROOT,
          "%7d  %6.1f  %7.1f  %7.1f  %7.1f  %7.1f  %7d%n",
          rate,
          l.done() / l.seconds(),
          l.at(0.5),
          l.at(0.9),
          l.at(0.99),
          l.at(1),
          l.refused());
    }
  }

  /** What came of a rate: sorted times of those that were answered. */
  private record Loaded(double[] ms, int refused, double seconds) {
    int done() {
      return ms.length;
    }

    double at(double part) {
      return ms.length == 0
          ? Double.NaN
          : ms[Math.min(ms.length - 1, (int) Math.ceil(part * ms.length) - 1)];
    }
  }

  private static Loaded load(HttpClient client, List<HttpRequest> requests, int rate, int seconds)
      throws InterruptedException {
    int n = rate * seconds;
    double[] ms = new double[n];
    List<CompletableFuture<Void>> all = new ArrayList<>(n);
    long start = System.nanoTime();
    for (int i = 0; i < n; i++) {
      long due = start + (long) (i * SECOND / rate);
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        TimeUnit.NANOSECONDS.sleep(wait);
      }
      int mine = i;
      all.add(
          client
              .sendAsync(requests.get(i % requests.size()), BodyHandlers.discarding())
              .handle(
                  (r, e) -> {
                    boolean done = e == null && r.statusCode() == OK;
                    ms[mine] = done ? (System.nanoTime() - due) / MILLI : Double.NaN;
                    return null;
                  }));
    }
    all.forEach(CompletableFuture::join);
    double took = (System.nanoTime() - start) / SECOND;
    double[] done = Arrays.stream(ms).filter(t -> !Double.isNaN(t)).sorted().toArray();
    return new Loaded(done, n - done.length, took);
  }
}
