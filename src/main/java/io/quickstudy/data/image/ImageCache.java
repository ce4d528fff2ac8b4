package io.quickstudy.data.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.data.CacheFolder;
import io.quickstudy.data.DataException;
import io.quickstudy.data.LoadListener;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Decoded images on disk: {@code KEY.images} holds the pixels, [n, height, width, channels], and
 * {@code KEY.json}, which is written last, what they are and their checksum. The key is the digest
 * of everything that they depend on: folder, form, and every file's name, length and time. A file
 * gets its name when it is whole, so that several processes may start at once; one that is damaged
 * is made again; those of a folder as it was before are deleted where no process reads them ({@link
 * CacheLocks}).
 */
final class ImageCache {
  /** To be raised when other pixels come out of the same files. */
  private static final int VERSION = 2;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CHUNK = 1 << 20;
  private static final int MAX_INDEX_BYTES = 1 << 23;
  private static final long DAY_MILLIS = 86_400_000;

  /**
   * The pixels of a listing.
   *
   * @param pixels of all images that can be read; direct, read-only, mapped from a file
   * @param unreadable the others
   */
  record Decoded(ByteBuffer pixels, Unreadable unreadable) {}

  /** What an entry holds. */
  record Index(
      int version,
      String folder,
      String layout,
      int height,
      int width,
      int channels,
      String ink,
      String fit,
      String trim,
      String levels,
      int images,
      List<Integer> unreadable,
      String why,
      long bytes,
      String crc32c) {

    /**
     * Whether it is of the same folder in the same form as another, of which anything may be
     * missing.
     */
    boolean succeeds(Index o) {
      return folder.equals(o.folder)
          && layout.equals(o.layout)
          && height == o.height
          && width == o.width
          && channels == o.channels
          && ink.equals(o.ink)
          && fit.equals(o.fit)
          && trim.equals(o.trim)
          && levels.equals(o.levels);
    }

    /** Which images it is without; nothing if that cannot be. */
    Optional<Unreadable> without(int all) {
      boolean few = unreadable != null && !unreadable.contains(null) && why != null;
      return Optional.of(new Unreadable(few ? unreadable : List.of(-1), few ? why : "", true))
          .filter(u -> u.fits(all) && images == all - u.numbers().size());
    }

    private Index of(Unreadable left, int all, long size, String checksum) {
      return new Index(
          version,
          folder,
          layout,
          height,
          width,
          channels,
          ink,
          fit,
          trim,
          levels,
          all - left.numbers().size(),
          left.numbers(),
          left.why(),
          size,
          checksum);
    }
  }

  private final Path folder;

  ImageCache(Path folder) {
    this.folder = folder;
  }

  /** {@code $XDG_CACHE_HOME} or {@code ~/.cache}, below it quickstudy/images. */
  static ImageCache usual() {
    return new ImageCache(CacheFolder.of("images"));
  }

  /** Where the entries lie. */
  Path folder() {
    return folder;
  }

  /**
   * The pixels of all images of a listing that can be read, decoded now or earlier.
   *
   * @param layout how the listing was made, so that others of the same folder are kept beside it
   * @throws DataException if an image cannot be read, or the cache cannot be written
   */
  Decoded get(ImageListing listing, String layout, ImageDecoder form, LoadListener listener) {
    int bytes = listing.checkedBytes(form.height(), form.width(), form.channels());
    Path temporary = null;
    try {
      Index wanted = index(listing, layout, form, bytes);
      String key = key(wanted, listing);
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
      }
      CacheLocks.use(folder, key);
      Optional<Decoded> kept = open(key, wanted, listener);
      if (kept.isPresent()) {
        return kept.get();
      }
      checkRoom(bytes);
      temporary = Files.createTempFile(folder, key + ".", ".tmp");
      temporary.toFile().deleteOnExit();
      try (FileChannel file =
          FileChannel.open(temporary, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        Unreadable unreadable = decode(listing, form, file, listener);
        long left = closeUp(file, unreadable, wanted.images(), form.size());
        file.force(true);
        String checksum = checksum(file);
        Files.move(temporary, pixels(key), StandardCopyOption.ATOMIC_MOVE);
        if (unreadable.lasting()) {
          finish(key, wanted.of(unreadable, wanted.images(), left, checksum));
          forgetOthers(key, wanted);
        }
        return new Decoded(file.map(FileChannel.MapMode.READ_ONLY, 0, left), unreadable);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(
          ("Folder '%s' for decoded images cannot be used (%s): expected %s MiB of room and the "
                  + "right to write; set XDG_CACHE_HOME to another.")
              .formatted(
                  folder, e instanceof UncheckedIOException u ? u.getCause() : e, mib(bytes)),
          e);
    } finally {
      deleteQuietly(temporary);
    }
  }

  private static long mib(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  private void checkRoom(long bytes) throws IOException {
    long room = Files.getFileStore(folder).getUsableSpace();
    if (room < bytes) {
      throw new IOException("it has %s MiB".formatted(room >> 20));
    }
  }

  private static Index index(ImageListing listing, String layout, ImageDecoder form, long bytes)
      throws IOException {
    return new Index(
        VERSION,
        listing.root().toRealPath().toString(),
        layout,
        form.height(),
        form.width(),
        form.channels(),
        form.ink().name(),
        form.framing().fit().name(),
        form.framing().trim().name(),
        form.framing().levels().name(),
        listing.files().size(),
        List.of(),
        "",
        bytes,
        "");
  }

  private static String key(Index wanted, ImageListing listing) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
    add(digest, wanted.toString(), 0, 0);
    for (ImageListing.Image image : listing.files()) {
      add(digest, image.name(), image.bytes(), image.modified());
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  private static void add(MessageDigest digest, String name, long bytes, long modified) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    ByteBuffer numbers = ByteBuffer.allocate(3 * Long.BYTES);
    digest.update(numbers.putLong(text.length).putLong(bytes).putLong(modified).flip());
    digest.update(text);
  }

  private static Unreadable decode(
      ImageListing listing, ImageDecoder form, FileChannel file, LoadListener listener) {
    return ImageReading.read(
        listing,
        form,
        (i, image) -> write(file, ByteBuffer.wrap(image), (long) i * form.size()),
        listener);
  }

  private static void write(FileChannel file, ByteBuffer from, long at) throws IOException {
    while (from.hasRemaining()) {
      file.write(from, at + from.position());
    }
  }

  /** Moves images to where those that cannot be read would be; returns how many bytes are left. */
  private static long closeUp(FileChannel file, Unreadable unreadable, int images, int size)
      throws IOException {
    Set<Integer> gone = Set.copyOf(unreadable.numbers());
    ByteBuffer one = ByteBuffer.allocate(size);
    long to = 0;
    for (int i = 0; i < images; i++) {
      if (gone.contains(i)) {
        continue;
      }
      long from = (long) i * size;
      if (from != to) {
        one.clear();
        while (one.hasRemaining()) {
          if (file.read(one, from + one.position()) < 0) {
            throw new EOFException("the file of decoded images ends too early");
          }
        }
        write(file, one.flip(), to);
      }
      to += size;
    }
    file.truncate(to);
    return to;
  }

  private static String checksum(FileChannel file) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    file.position(0);
    while (file.read(chunk) >= 0) {
      crc.update(chunk.flip());
      chunk.clear();
    }
    return Long.toHexString(crc.getValue());
  }

  /** What is kept, if it is there and whole. */
  private Optional<Decoded> open(String key, Index wanted, LoadListener listener) {
    if (!Files.exists(json(key))) {
      return Optional.empty();
    }
    Optional<Index> index = read(json(key)).filter(wanted::succeeds);
    Optional<Unreadable> unreadable = index.flatMap(i -> i.without(wanted.images()));
    try (FileChannel file = FileChannel.open(pixels(key), StandardOpenOption.READ)) {
      if (unreadable.isPresent()) {
        long bytes = wanted.bytes() / wanted.images() * index.get().images();
        if (file.size() == bytes && checksum(file).equals(index.get().crc32c())) {
          return Optional.of(
              new Decoded(file.map(FileChannel.MapMode.READ_ONLY, 0, bytes), unreadable.get()));
        }
      }
    } catch (IOException e) {
      // said below; it is made again
    }
    listener.message(
        "the decoded images in '%s' are damaged: decoding again".formatted(pixels(key)));
    return Optional.empty();
  }

  private static Optional<Index> read(Path json) {
    try {
      if (Files.size(json) <= MAX_INDEX_BYTES) {
        return parse(Files.readAllBytes(json));
      }
    } catch (IOException e) {
      // no index that anything could be read by
    }
    return Optional.empty();
  }

  /**
   * What an index says.
   *
   * @throws IOException if it is none
   */
  static Optional<Index> parse(byte[] json) throws IOException {
    return Optional.ofNullable(JSON.readValue(json, Index.class));
  }

  /** Writes the index, which makes the pixels count. */
  private void finish(String key, Index whole) throws IOException {
    Path temporary = Files.createTempFile(folder, key + ".", ".tmp");
    try {
      Files.write(temporary, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(whole));
      try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        file.force(true);
      }
      Files.move(
          temporary,
          json(key),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      deleteQuietly(temporary);
    }
  }

  /** Deletes what was decoded of this folder as it was before, and what killed processes left. */
  private void forgetOthers(String key, Index now) {
    try (java.util.stream.Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String[] name = file.getFileName().toString().split("\\.", 2);
        if (name.length < 2 || name[0].equals(key)) {
          continue;
        }
        switch (name[1]) {
          case "json" -> {
            if (read(file).filter(now::succeeds).isPresent()) {
              forget(name[0]);
            }
          }
          case "images" -> {
            if (!Files.exists(json(name[0])) && old(file)) {
              forget(name[0]);
            }
          }
          case "lock" -> {
            if (!Files.exists(json(name[0])) && !Files.exists(pixels(name[0])) && old(file)) {
              forget(name[0]);
            }
          }
          default -> {
            if (name[1].endsWith(".tmp") && old(file)) {
              Files.deleteIfExists(file);
            }
          }
        }
      }
    } catch (IOException e) {
      // what is too much there harms nobody
    }
  }

  private static boolean old(Path file) throws IOException {
    long age = System.currentTimeMillis() - Files.getLastModifiedTime(file).toMillis();
    return age > DAY_MILLIS;
  }

  private void forget(String key) throws IOException {
    if (CacheLocks.isFree(folder, key)) {
      Files.deleteIfExists(json(key)); // first: pixels alone do not count
      Files.deleteIfExists(pixels(key));
      Files.deleteIfExists(CacheLocks.file(folder, key));
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // the error that led here says more
    }
  }

  private Path pixels(String key) {
    return folder.resolve(key + ".images");
  }

  private Path json(String key) {
    return folder.resolve(key + ".json");
  }
}
