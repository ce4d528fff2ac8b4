package io.quickstudy.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quickstudy.data.DataException;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {
  @TempDir Path directory;
  private final byte[] file = new byte[300_000];
  private final List<String> ranges = new ArrayList<>();
  private HttpServer server;
  private String md5;

  @BeforeEach
  void serve() throws Exception {
    RandomStream random = new RandomStream(0, RandomUse.NOISE, 0);
    for (int i = 0; i < file.length; i++) {
      file[i] = (byte) random.nextInt();
    }
    md5 = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(file));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/file", this::answer);
    server.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/file");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.createContext("/cut", exchange -> answer(exchange, 100_000));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    answer(exchange, file.length);
  }

  /** Sends the asked range, but breaks off at byte {@code end}. */
  private void answer(HttpExchange exchange, int end) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    synchronized (ranges) {
      ranges.add(String.valueOf(range));
    }
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    if (from >= file.length) {
      exchange.sendResponseHeaders(416, -1);
      exchange.close();
      return;
    }
    exchange
        .getResponseHeaders()
        .add("Content-Range", "bytes %s-%s/%s".formatted(from, file.length - 1, file.length));
    exchange.sendResponseHeaders(range == null ? 200 : 206, file.length - from);
    exchange.getResponseBody().write(file, from, Math.max(0, end - from));
    exchange.close();
  }

  private Path fetch(String path, String checksum) {
    URI source = URI.create("http://localhost:" + server.getAddress().getPort() + path);
    Path target = directory.resolve("below").resolve("file.zip");
    Download.fetch(source, target, checksum, 1 << 20, Download.Progress.NONE);
    return target;
  }

  private Path part() {
    return directory.resolve("below").resolve("file.zip.part");
  }

  @Test
  void fetchesThroughARedirection() throws IOException {
    assertArrayEquals(file, Files.readAllBytes(fetch("/moved", md5)));
    assertFalse(Files.exists(part()));
  }

  @Test
  void goesOnWhereItStopped() throws IOException {
    assertError("try again", () -> fetch("/cut", md5));
    assertArrayEquals(Arrays.copyOf(file, 100_000), Files.readAllBytes(part()));
    assertArrayEquals(file, Files.readAllBytes(fetch("/file", md5)));
    assertEquals(List.of("null", "bytes=100000-"), ranges);
  }

  @Test
  void keepsAWholeFileThatWasNotRenamed() throws IOException {
    Files.createDirectories(part().getParent());
    Files.write(part(), file);
    assertArrayEquals(file, Files.readAllBytes(fetch("/file", md5)));
  }

  @Test
  void startsAnewAfterABadChecksum() throws IOException {
    assertError("MD5", () -> fetch("/file", "0".repeat(32)));
    assertFalse(Files.exists(directory.resolve("below").resolve("file.zip")));
    assertArrayEquals(file, Files.readAllBytes(fetch("/file", md5)));
    assertEquals(List.of("null", "null"), ranges);
  }

  @Test
  void doesNotDisturbAnotherDownload() throws IOException {
    Files.createDirectories(part().getParent());
    try (FileChannel other =
            FileChannel.open(part(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = other.lock()) {
      assertTrue(lock.isValid());
      assertError("being downloaded already", () -> fetch("/file", md5));
    }
    Path target = fetch("/file", md5);
    assertEquals(target, fetch("/file", md5), "once is enough");
    assertEquals(List.of("null"), ranges);
    assertFalse(Files.exists(part()));
  }

  @Test
  void saysWhatIsWrong() {
    assertError("404", () -> fetch("/nothing", md5));
    URI source = URI.create("http://localhost:" + server.getAddress().getPort() + "/file");
    assertError(
        "larger than 1000 bytes",
        () -> Download.fetch(source, directory.resolve("f"), md5, 1000, Download.Progress.NONE));
    server.stop(0);
    assertError("network", () -> fetch("/file", md5));
  }

  @Test
  void omniglotIsFetchedIntoTheCache() {
    URI source = URI.create("http://localhost:" + server.getAddress().getPort() + "/none/");
    assertError(
        "none/images_background.zip",
        () -> Omniglot.download(source, directory, Download.Progress.NONE));
  }

  private static void assertError(String part, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(DataException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}
