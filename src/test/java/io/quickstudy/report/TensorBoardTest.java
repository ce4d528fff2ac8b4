package io.quickstudy.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.train.RunFixtures;
import io.quickstudy.train.Session;
import io.quickstudy.train.TrainListener;
import io.quickstudy.train.Trainer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files, read back by a reader of the format that shares nothing with the writer. */
class TensorBoardTest {
  @TempDir private Path run;

  /** One event: what of its fields is there. */
  private record Event(
      double time, long step, String version, long status, String tag, float value) {}

  /** CRC-32C bit by bit (Castagnoli's polynomial, reflected). */
  private static int crc(byte[] bytes) {
    int c = ~0;
    for (byte b : bytes) {
      c ^= b & 255;
      for (int k = 0; k < 8; k++) {
        c = (c & 1) != 0 ? c >>> 1 ^ 0x82f63b78 : c >>> 1;
      }
    }
    return ~c;
  }

  private static int masked(byte[] bytes) {
    int c = crc(bytes);
    return (c >>> 15 | c << 17) + 0xa282ead8;
  }

  /** The whole records at the beginning of a file. */
  private static List<byte[]> records(byte[] file) {
    List<byte[]> records = new ArrayList<>();
    ByteBuffer b = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    while (b.remaining() >= 12) {
      byte[] length = new byte[8];
      b.get(length);
      assertEquals(masked(length), b.getInt(), "checksum of a length");
      long n = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (b.remaining() < n + 4) {
        break;
      }
      byte[] data = new byte[(int) n];
      b.get(data);
      assertEquals(masked(data), b.getInt(), "checksum of data");
      records.add(data);
    }
    return records;
  }

  /** The fields of a message by number: varints and fixed numbers as Long, the rest as bytes. */
  private static Map<Integer, Object> fields(byte[] message) {
    Map<Integer, Object> m = new TreeMap<>();
    ByteBuffer b = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (b.hasRemaining()) {
      long key = varint(b);
      Object value =
          switch ((int) (key & 7)) {
            case 0 -> varint(b);
            case 1 -> b.getLong();
            case 5 -> (long) b.getInt();
            case 2 -> {
              byte[] bytes = new byte[(int) varint(b)];
              b.get(bytes);
              yield bytes;
            }
            default -> throw new AssertionError("wire type of key " + key);
          };
      m.put((int) (key >>> 3), value);
    }
    return m;
  }

  private static long varint(ByteBuffer b) {
    long v = 0;
    for (int shift = 0; ; shift += 7) {
      byte x = b.get();
      v |= (long) (x & 127) << shift;
      if (x >= 0) {
        return v;
      }
    }
  }

  private static Event event(byte[] record) {
    Map<Integer, Object> m = fields(record);
    String version = m.get(3) instanceof byte[] b ? new String(b, StandardCharsets.UTF_8) : "";
    long status = m.get(7) instanceof byte[] b ? (long) fields(b).get(1) : 0;
    String tag = "";
    float value = Float.NaN;
    if (m.get(5) instanceof byte[] summary) {
      Map<Integer, Object> v = fields((byte[]) fields(summary).get(1));
      tag = new String((byte[]) v.get(1), StandardCharsets.UTF_8);
      value = Float.intBitsToFloat((int) (long) v.get(2));
    }
    double time = Double.longBitsToDouble((long) m.get(1));
    return new Event(time, (long) m.getOrDefault(2, 0L), version, status, tag, value);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("tensorboard"))) {
      return files.sorted().toList();
    }
  }

  private static List<Event> events(Path file) throws IOException {
    return records(Files.readAllBytes(file)).stream().map(TensorBoardTest::event).toList();
  }

  private static Map<String, Object> planned(int step) {
    return Map.of("step", step, "device", "cpu", "memory_bytes", 1L);
  }

  private static Map<String, Object> loss(int step, double loss) {
    return Map.of("step", step, "loss", loss, "rate", 0.5f, "accuracy", Double.NaN);
  }

  @Test
  void theReaderKnowsTheChecksum() {
    assertEquals(0xe3069283, crc("123456789".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void everyLineIsThere() throws IOException {
    try (TensorBoard t = new TensorBoard(run)) {
      t.accept(planned(0));
      t.accept(loss(10, 1.25));
      t.accept(
          Map.of("step", 10, "split_part", "val", "metric", "mse", "value", 0.5, "ci95", 0.125));
    }
    List<Event> e = events(files().get(0));
    assertEquals("brain.Event:2", e.get(0).version());
    assertEquals(1, e.get(1).status(), "START");
    assertEquals(1, e.get(1).step(), "what is to come");
    Map<String, Float> values = new TreeMap<>();
    e.subList(2, e.size()).forEach(v -> values.put(v.tag() + " at " + v.step(), v.value()));
    Map<String, Float> expected =
        Map.of(
            "train/loss at 10", 1.25f,
            "train/rate at 10", 0.5f,
            "train/accuracy at 10", Float.NaN,
            "val/mse at 10", 0.5f,
            "val/mse_ci95 at 10", 0.125f);
    assertEquals(new TreeMap<>(expected), values);
    double now = System.currentTimeMillis() / 1e3;
    assertTrue(e.stream().allMatch(v -> Math.abs(v.time() - now) < 600));
  }

  @Test
  void aSessionThatGoesOnReplacesWhatWasBehindIt() throws IOException {
    for (int from : new int[] {0, 20, 40, 20}) {
      try (TensorBoard t = new TensorBoard(run)) {
        assertEquals(from != 0, TensorBoard.isIn(run));
        t.accept(planned(from));
        for (int step = from + 10; step <= 60; step += 10) {
          t.accept(loss(step, from + step));
        }
      }
    }
    // as TensorBoard reads: files in the order of their names, START forgets its step and later
    // ones
    TreeMap<Long, Float> seen = new TreeMap<>();
    assertEquals(4, files().size());
    for (Path file : files()) {
      for (Event e : events(file)) {
        if (e.status() == 1) {
          seen.tailMap(e.step(), true).clear();
        } else if (e.tag().equals("train/loss")) {
          seen.put(e.step(), e.value());
        }
      }
    }
    assertEquals(Map.of(10L, 10f, 20L, 20f, 30L, 50f, 40L, 60f, 50L, 70f, 60L, 80f), seen);
  }

  @Test
  void aFileTornAnywhereGivesItsWholeRecords() throws IOException {
    try (TensorBoard t = new TensorBoard(run)) {
      t.accept(planned(0));
      t.accept(loss(1, 2));
    }
    byte[] file = Files.readAllBytes(files().get(0));
    List<byte[]> all = records(file);
    for (int n = 0; n < file.length; n++) {
      List<byte[]> some = records(Arrays.copyOf(file, n));
      assertTrue(some.size() < all.size());
      for (int i = 0; i < some.size(); i++) {
        assertEquals(event(all.get(i)), event(some.get(i)));
      }
    }
  }

  @Test
  void filesOfOthersDoNotConfuseItsNames() throws IOException {
    Path folder = Files.createDirectories(run.resolve("tensorboard"));
    Path later = folder.resolve("events.out.tfevents.9999999999.other.7");
    Files.createFile(later);
    Files.createFile(folder.resolve("events.out.tfevents.x"));
    Files.createFile(folder.resolve("notes.txt"));
    try (TensorBoard t = new TensorBoard(run)) {
      t.accept(planned(0));
    }
    assertEquals(4, files().size());
    assertFalse(
        files().stream().filter(f -> f.toString().contains("quickstudy.")).toList().isEmpty());
  }

  @Test
  void whatCannotBeWrittenIsSaid() throws IOException {
    Files.createFile(run.resolve("tensorboard"));
    try (TensorBoard t = new TensorBoard(run)) {
      RunException e = assertThrows(RunException.class, () -> t.accept(planned(0)));
      assertTrue(e.getMessage().contains("cannot be written"), e.getMessage());
    }
  }

  @Test
  void aRunHandsItsLinesOn() throws IOException {
    RunConfig c = Runs.waves("steps", "20", "log-every", "5");
    Path path = run.resolve("r");
    try (Session session = RunFixtures.session(c);
        TensorBoard t = new TensorBoard(path)) {
      RunFolder folder = RunFolder.create(path, c);
      folder.watch(t);
      try (Trainer trainer = new Trainer(session, folder, TrainListener.NONE)) {
        trainer.run(() -> false);
      }
    }
    MetricsLog log = MetricsLog.read(path);
    List<Float> losses = new ArrayList<>();
    try (Stream<Path> files = Files.list(path.resolve("tensorboard"))) {
      for (Event e : events(files.findFirst().orElseThrow())) {
        if (e.tag().equals("train/loss")) {
          losses.add(e.value());
        }
      }
    }
    assertEquals(log.training().stream().map(l -> (float) l.loss()).toList(), losses);
    assertEquals(4, losses.size());
  }
}
