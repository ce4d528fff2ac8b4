package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.data.LoadListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/** Reads, decodes and scales many images, on all cores. */
final class ImageReading {
  private static final int MAX_FILE_BYTES = 64 << 20;
  static final int MAX_SIDE = 1 << 14;
  private static final int MOST_BAD = 1000;
  private static final long REPORT_NANOS = 100_000_000;

  /** Where the pixels go. Called by many threads, once for each image. */
  @FunctionalInterface
  interface Sink {
    /** Takes image i, [height, width, channels]. */
    void put(int i, byte[] pixels) throws IOException;
  }

  private final ImageListing listing;
  private final ImageDecoder form;
  private final Sink sink;
  private final LoadListener listener;
  private final ConcurrentSkipListMap<Integer, DataException> bad = new ConcurrentSkipListMap<>();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicBoolean lasting = new AtomicBoolean(true);
  private int done;
  private long reported = System.nanoTime();

  private ImageReading(ImageListing listing, ImageDecoder form, Sink sink, LoadListener listener) {
    this.listing = listing;
    this.form = form;
    this.sink = sink;
    this.listener = listener;
  }

  /**
   * Reads all images of a listing, made into what a model takes.
   *
   * @return those that cannot be read, at most a tenth
   * @throws DataException if more cannot be read, naming up to ten of them, or a file changes
   * @throws UncheckedIOException if the sink throws
   */
  static Unreadable read(
      ImageListing listing, ImageDecoder form, Sink sink, LoadListener listener) {
    return new ImageReading(listing, form, sink, listener).run();
  }

  private Unreadable run() {
    try {
      IntStream.range(0, listing.files().size()).parallel().forEach(this::one);
    } finally {
      stopped.set(true); // an error of one thread leaves the others running
    }
    if (bad.isEmpty()) {
      return Unreadable.NONE;
    }
    List<Integer> numbers = List.copyOf(bad.keySet());
    String why = bad.firstEntry().getValue().getMessage();
    Unreadable all = new Unreadable(numbers, why, lasting.get());
    all.check(listing);
    return all;
  }

  private void one(int i) {
    if (stopped.get()) {
      return;
    }
    ImageListing.Image file = listing.files().get(i);
    byte[] bytes;
    try {
      bytes = bytes(file.path());
    } catch (DataException e) {
      lasting.set(false); // of the disk or the rights, not of the image
      leaveOut(i, e);
      return;
    }
    if (bytes.length != file.bytes()) {
      stopped.set(true); // more may change while it is read
      throw new DataException(
          ("Image '%s' has %s bytes, and a moment ago had %s: expected files that stay as they "
                  + "are; wait until they are all there.")
              .formatted(file.path(), bytes.length, file.bytes()));
    }
    try {
      byte[] pixels = form.decode(bytes, file.path().toString());
      if (!stopped.get()) {
        sink.put(i, pixels);
      }
    } catch (DataException e) {
      leaveOut(i, e);
    } catch (IOException e) {
      stopped.set(true);
      throw new UncheckedIOException(e);
    }
    report();
  }

  private void leaveOut(int i, DataException e) {
    bad.put(i, e);
    if (bad.size() >= MOST_BAD && bad.size() > listing.files().size() / Unreadable.TENTH) {
      stopped.set(true);
    }
  }

  private synchronized void report() {
    done++;
    long now = System.nanoTime();
    if (now - reported >= REPORT_NANOS || done == listing.files().size()) {
      reported = now;
      listener.decoded(done, listing.files().size());
    }
  }

  /**
   * The bytes of a file.
   *
   * @throws DataException if it cannot be read, or is too large for an image
   */
  static byte[] bytes(Path path) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(MAX_FILE_BYTES + 1);
    } catch (IOException e) {
      throw new DataException(
          "Image '%s' cannot be read (%s): expected a readable file; check the path."
              .formatted(path, e),
          e);
    }
    if (bytes.length > MAX_FILE_BYTES) {
      throw new DataException(
          "Image '%s' is larger than %s bytes: expected a smaller one; scale it down or remove it."
              .formatted(path, MAX_FILE_BYTES));
    }
    return bytes;
  }
}
