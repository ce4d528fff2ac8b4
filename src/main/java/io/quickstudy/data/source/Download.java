package io.quickstudy.data.source;

import io.quickstudy.data.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Fetches one file over HTTP: resumable, verified, and under its name only when whole. */
public final class Download {
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration STALL = Duration.ofSeconds(60);

  /** Told how far a download is. */
  @FunctionalInterface
  public interface Progress {
    /** For those who do not want to know. */
    Progress NONE = (file, bytes, total) -> {};

    /**
     * Some bytes have come.
     *
     * @param file the file's name
     * @param bytes how many are there, those of earlier attempts included
     * @param total how many there will be, -1 if unknown
     */
    void at(String file, long bytes, long total);
  }

  private Download() {}

  /**
   * Fetches a file. What has come is kept beside the target under a name ending in ".part", from
   * which a later call goes on; a file with the wrong checksum is emptied. Nothing is done where
   * the target is already there.
   *
   * @param source where it is
   * @param target where it shall be; folders are created
   * @param md5 its checksum, 32 hexadecimal digits
   * @param maxBytes the most bytes to accept
   * @param progress told about the progress
   * @throws DataException if it cannot be fetched, or is not what was expected
   */
  public static void fetch(URI source, Path target, String md5, long maxBytes, Progress progress) {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      Files.createDirectories(target.toAbsolutePath().getParent());
      try (FileChannel file =
              FileChannel.open(
                  part,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE);
          var lock = file.tryLock()) {
        if (lock == null) {
          throw busy(target, null);
        }
        if (Files.exists(target)) {
          // Another process finished while this one opened the file.
          Files.deleteIfExists(part);
          return;
        }
        receive(client, source, file, maxBytes, (b, n) -> progress.at(name(target), b, n));
        verify(source, file, md5);
        file.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (OverlappingFileLockException e) {
      throw busy(target, e);
    } catch (IOException e) {
      throw new DataException(
          ("Download of %s to '%s' failed (%s): expected a network connection and room on "
                  + "the disk; try again, or put the file there yourself.")
              .formatted(source, target, reason(e)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DataException(
          "Download of %s was interrupted: expected to finish; run again to go on."
              .formatted(source),
          e);
    }
  }

  private static DataException busy(Path target, Throwable cause) {
    return new DataException(
        "'%s' is being downloaded already: expected to be alone; wait until that is done."
            .formatted(target),
        cause);
  }

  private interface Counter {
    void at(long bytes, long total);
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private static String reason(IOException e) {
    String kind = e.getClass().getSimpleName();
    return e.getMessage() == null ? kind : kind + ": " + e.getMessage();
  }

  private static void receive(
      HttpClient client, URI source, FileChannel file, long maxBytes, Counter counter)
      throws IOException, InterruptedException {
    long have = file.size();
    HttpRequest.Builder request = HttpRequest.newBuilder(source).timeout(STALL);
    if (have > 0) {
      request.header("Range", "bytes=" + have + "-");
    }
    HttpResponse<InputStream> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      switch (response.statusCode()) {
        case 200 -> file.truncate(0);
        case 206 -> checkRange(source, response, have);
        // Nothing lies beyond what is there: the checksum tells whether it is the whole file.
        case 416 -> {
          return;
        }
        default ->
            throw new DataException(
                ("Server answered %s for %s: expected 200; check the address, or fetch the file "
                        + "yourself.")
                    .formatted(response.statusCode(), source));
      }
      long start = file.size();
      long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
      long total = length < 0 ? -1 : start + length;
      copy(source, body, file.position(start), maxBytes, bytes -> counter.at(bytes, total));
      if (total >= 0 && file.size() != total) {
        throw new IOException("got %s of %s bytes".formatted(file.size(), total));
      }
    }
  }

  private static void checkRange(URI source, HttpResponse<?> response, long have) {
    String range = response.headers().firstValue("Content-Range").orElse("");
    if (!range.startsWith("bytes " + have + "-")) {
      throw new DataException(
          ("Server answered range '%s' for %s: expected bytes from %s; delete the .part "
                  + "file and try again.")
              .formatted(range, source, have));
    }
  }

  /** Copies while bytes come; a connection that stalls is closed, which makes the read fail. */
  private static void copy(
      URI source, InputStream body, FileChannel file, long maxBytes, LongConsumer counter)
      throws IOException {
    AtomicLong lastNanos = new AtomicLong(System.nanoTime());
    Thread watchdog = Thread.ofVirtual().start(() -> closeOnStall(body, lastNanos));
    try {
      byte[] chunk = new byte[1 << 16];
      for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
        lastNanos.set(System.nanoTime());
        if (file.position() + n > maxBytes) {
          throw new DataException(
              "%s is larger than %s bytes: expected the official file; check the address."
                  .formatted(source, maxBytes));
        }
        ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, n);
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        counter.accept(file.position());
      }
    } finally {
      watchdog.interrupt();
    }
  }

  private static void closeOnStall(InputStream body, AtomicLong lastNanos) {
    try {
      while (System.nanoTime() - lastNanos.get() < STALL.toNanos()) {
        Thread.sleep(1000);
      }
      body.close();
    } catch (InterruptedException | IOException e) {
      // Interrupted: the copy is over. Not closed: the read fails or ends by itself.
    }
  }

  private static void verify(URI source, FileChannel file, String md5) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has MD5.", e);
    }
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
    file.position(0);
    while (file.read(chunk) >= 0) {
      digest.update(chunk.flip());
      chunk.clear();
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equalsIgnoreCase(md5)) {
      long bytes = file.size();
      file.truncate(0);
      throw new DataException(
          ("%s arrived as %s bytes with MD5 %s: expected %s; try again, and if it stays "
                  + "so, fetch the file yourself.")
              .formatted(source, bytes, found, md5));
    }
  }
}
