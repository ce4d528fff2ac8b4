package io.quickstudy.report;

import com.google.protobuf.CodedOutputStream;
import io.quickstudy.run.RunException;
import io.quickstudy.run.SafeFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Hands the lines of metrics.jsonl on as event files, which TensorBoard reads while they grow.
 *
 * <p>Every session of training has a file of its own, beginning with the format's version and a
 * session log that says START at the step behind the last one done: TensorBoard forgets what older
 * files say of this and later steps. A record goes to the system in one write, so that a killed run
 * leaves at most its last record torn, where a reader stops.
 *
 * <p>The format: records of TFRecord (length, masked CRC-32C of it, data, masked CRC-32C of that;
 * tensorflow/core/lib/io/record_writer.h), each an {@code Event}
 * (tensorflow/core/util/event.proto).
 */
public final class TensorBoard implements Consumer<Map<String, Object>>, AutoCloseable {
  /** The name of the folder within a run's. */
  public static final String FOLDER = "tensorboard";

  private static final String PREFIX = "events.out.tfevents.";
  private static final int MASK = 0xa282ead8;

  // field numbers of event.proto and summary.proto
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  private static final int STATUS = 1;
  private static final int START = 1;
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;

  private final Path folder;
  private FileChannel file;

  /** Writes into a run's folder, once there is a line. */
  public TensorBoard(Path run) {
    this.folder = run.resolve(FOLDER);
  }

  /** Whether a run has such files already. */
  public static boolean isIn(Path run) {
    return Files.isDirectory(run.resolve(FOLDER));
  }

  /** What makes the body of a message. */
  private interface Body {
    void to(CodedOutputStream out) throws IOException;
  }

  /**
   * Takes a line of metrics.
   *
   * @throws RunException if it cannot be written
   */
  @Override
  public void accept(Map<String, Object> line) {
    if (!(line.get("step") instanceof Integer step)) {
      return;
    }
    try {
      if (file == null || line.containsKey("memory_bytes")) {
        begin(step); // such a line begins a session
      }
      String part = line.get("split_part") instanceof String p ? p : "train";
      if (part.equals("train")) {
        for (String name : List.of("loss", "accuracy", "rate", "steps_per_second")) {
          scalar(step, "train/" + name, line.get(name));
        }
        if (line.get("watched") instanceof Map<?, ?> watched) {
          for (Map.Entry<?, ?> e : watched.entrySet()) {
            scalar(step, "train/" + e.getKey(), e.getValue());
          }
        }
      } else {
        scalar(step, part + "/" + line.get("metric"), line.get("value"));
        scalar(step, part + "/" + line.get("metric") + "_ci95", line.get("ci95"));
      }
    } catch (IOException e) {
      throw new RunException(
          ("Folder '%s' cannot be written (%s): expected room on the disk and the right to write; "
                  + "repair that and go on with --resume.")
              .formatted(folder, SafeFiles.reason(e)),
          e);
    }
  }

  private void begin(int step) throws IOException {
    close();
    Files.createDirectories(folder);
    file = FileChannel.open(next(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    event(0, out -> out.writeString(FILE_VERSION, "brain.Event:2"));
    byte[] start = message(out -> out.writeEnum(STATUS, START));
    event(step + 1L, out -> out.writeByteArray(SESSION_LOG, start));
  }

  /** A name behind those of all older files: TensorBoard reads them in the order of their names. */
  private Path next() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names =
          files
              .map(f -> f.getFileName().toString())
              .filter(n -> n.startsWith(PREFIX))
              .sorted()
              .toList();
      long now = System.currentTimeMillis() / 1000;
      long newest = names.isEmpty() ? 0 : seconds(names.getLast());
      String name =
          PREFIX
              + String.format(
                  Locale.ROOT, "%010d.quickstudy.%04d", Math.max(now, newest), names.size());
      return folder.resolve(name);
    }
  }

  private static long seconds(String name) {
    String digits = name.substring(PREFIX.length()).replaceAll("[^0-9].*", "");
    return digits.isEmpty() || digits.length() > 18 ? 0 : Long.parseLong(digits);
  }

  private void scalar(int step, String tag, Object value) throws IOException {
    if (!(value instanceof Number n)) {
      return;
    }
    byte[] one =
        message(
            out -> {
              out.writeString(TAG, tag);
              out.writeFloat(SIMPLE_VALUE, n.floatValue());
            });
    byte[] summary = message(out -> out.writeByteArray(VALUE, one));
    event(step, out -> out.writeByteArray(SUMMARY, summary));
  }

  private void event(long step, Body body) throws IOException {
    byte[] event =
        message(
            out -> {
              out.writeDouble(WALL_TIME, System.currentTimeMillis() / 1e3);
              out.writeInt64(STEP, step);
              body.to(out);
            });
    ByteBuffer record = ByteBuffer.allocate(event.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(event.length);
    record.putInt(masked(record.array(), 0, 8));
    record.put(event).putInt(masked(event, 0, event.length)).flip();
    while (record.hasRemaining()) {
      file.write(record);
    }
  }

  private static byte[] message(Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    body.to(out);
    out.flush();
    return bytes.toByteArray();
  }

  private static int masked(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  /** Closes the file; a later line begins another. */
  @Override
  public void close() {
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        throw new RunException(
            "Folder '%s' cannot be written (%s): expected room on the disk; repair that."
                .formatted(folder, e.getMessage()),
            e);
      } finally {
        file = null;
      }
    }
  }
}
