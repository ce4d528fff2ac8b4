package io.quickstudy.run;

import io.quickstudy.text.Names;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file of any writer, of any size: its header is read when it is opened, its numbers
 * tensor by tensor. Floats of any width (F16, BF16, F32, F64) become the nearest 32-bit floats; the
 * bits of F32 stay as they are. Whole numbers and whatever else there is are refused when they are
 * read, since no parameter is one; what is not read may be of any type.
 */
public final class TensorFile implements AutoCloseable {
  private static final int CHUNK = 1 << 18;

  /** The types that are read, with their bytes. */
  private static final Map<String, Integer> TYPES = Map.of("F16", 2, "BF16", 2, "F32", 4, "F64", 8);

  /** Where the bytes come from. */
  private interface Source extends AutoCloseable {
    /** Fills a buffer from its start to its limit with the file's bytes from a place on. */
    void read(long from, ByteBuffer into) throws IOException;

    @Override
    void close() throws IOException;
  }

  private final String name;
  private final Source source;
  private final long start;
  private final SafetensorsHeader header;
  private final Map<String, SafetensorsHeader.Entry> entries = new LinkedHashMap<>();

  private TensorFile(String name, Source source, long size) throws IOException {
    this.name = name;
    this.source = source;
    if (size < SafetensorsHeader.LENGTH_BYTES) {
      throw SafetensorsHeader.bad(
          name, "it has " + size + " bytes", "at least " + SafetensorsHeader.LENGTH_BYTES);
    }
    long length = read(0, buffer(SafetensorsHeader.LENGTH_BYTES)).getLong();
    int n = SafetensorsHeader.length(name, length, size);
    byte[] text = new byte[n];
    read(SafetensorsHeader.LENGTH_BYTES, ByteBuffer.wrap(text));
    this.start = SafetensorsHeader.LENGTH_BYTES + (long) n;
    this.header = SafetensorsHeader.parse(name, text, size - start);
    header.entries().forEach(e -> entries.put(e.name(), e));
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws RunException if it cannot be read, is damaged or no such file
   */
  public static TensorFile open(Path path) {
    try {
      return of(path.toString(), FileChannel.open(path, StandardOpenOption.READ));
    } catch (IOException e) {
      throw unreadable(path.toString(), e);
    }
  }

  /**
   * As {@link #open}, of a file whose bytes are there.
   *
   * @param name what to call it in messages
   */
  static TensorFile of(String name, byte[] bytes) {
    try {
      return new TensorFile(name, source(bytes), bytes.length);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  /**
   * As {@link #open}, of a file that is open; closing this closes it, and so does what is thrown.
   *
   * @param name what to call it in messages
   */
  static TensorFile of(String name, FileChannel channel) {
    try {
      return new TensorFile(name, source(channel), channel.size());
    } catch (IOException | RuntimeException e) {
      close(channel, e);
      throw e instanceof IOException io ? unreadable(name, io) : (RuntimeException) e;
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer read(long from, ByteBuffer into) throws IOException {
    source.read(from, into);
    return into.flip();
  }

  private static Source source(FileChannel channel) {
    return new Source() {
      @Override
      public void read(long from, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
          if (channel.read(into, from + into.position()) < 0) {
            throw new EOFException("it ends at byte " + (from + into.position()));
          }
        }
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  private static Source source(byte[] all) {
    return new Source() {
      @Override
      public void read(long from, ByteBuffer into) {
        into.put(all, Math.toIntExact(from), into.remaining());
      }

      @Override
      public void close() {
        // nothing is held
      }
    };
  }

  private static void close(FileChannel channel, Exception after) {
    try {
      channel.close();
    } catch (IOException e) {
      after.addSuppressed(e);
    }
  }

  private static RunException unreadable(String name, IOException e) {
    return new RunException(
        "File '%s' cannot be read (%s): expected a whole file; check its permissions."
            .formatted(name, e.getClass().getSimpleName() + ": " + e.getMessage()),
        e);
  }

  /** What to call it in messages. */
  public String name() {
    return name;
  }

  /** The names of its tensors in the order of their places. */
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /** A text that its writer left, such as "format"; empty where there is none. */
  public String metadata(String key) {
    return header.metadata().getOrDefault(key, "");
  }

  /**
   * The extents of a tensor, each 0 or more.
   *
   * @throws RunException if there is no such tensor
   */
  public List<Long> shape(String tensor) {
    return entry(tensor).shape();
  }

  private SafetensorsHeader.Entry entry(String tensor) {
    SafetensorsHeader.Entry e = entries.get(tensor);
    if (e == null) {
      throw new RunException(
          "File '%s' has no tensor '%s': expected one of its %s; correct the name."
              .formatted(name, Names.shown(tensor), entries.size()));
    }
    return e;
  }

  /**
   * The numbers of a tensor as 32-bit floats, row-major.
   *
   * @throws RunException if there is no such tensor, it is no float, one of its numbers is finite
   *     but none as a 32-bit float, or it has 2^31 numbers or more
   */
  public float[] numbers(String tensor) {
    SafetensorsHeader.Entry e = entry(tensor);
    Integer bytes = TYPES.get(e.dtype());
    if (bytes == null) {
      throw new RunException(
          "Tensor '%s' of '%s' has type '%s': expected F32, F16, BF16 or F64; convert it first."
              .formatted(Names.shown(tensor), name, e.dtype()));
    }
    long count = (e.end() - e.begin()) / bytes;
    if (count > Integer.MAX_VALUE - 8) {
      throw new RunException(
          "Tensor '%s' of '%s' has %s numbers: expected fewer than 2^31; split it first."
              .formatted(Names.shown(tensor), name, count));
    }
    float[] numbers = new float[(int) count];
    ByteBuffer b = buffer(Math.min(CHUNK, numbers.length) * bytes);
    try {
      for (int done = 0; done < numbers.length; done += Math.min(CHUNK, numbers.length - done)) {
        int n = Math.min(CHUNK, numbers.length - done);
        read(start + e.begin() + (long) done * bytes, b.clear().limit(n * bytes));
        take(b, e, numbers, done, n);
      }
    } catch (IOException problem) {
      throw unreadable(name, problem);
    }
    return numbers;
  }

  private void take(ByteBuffer from, SafetensorsHeader.Entry e, float[] into, int at, int n) {
    switch (e.dtype()) {
      case "F32" -> from.asFloatBuffer().get(into, at, n);
      case "F16" -> {
        for (int i = at; i < at + n; i++) {
          into[i] = Float.float16ToFloat(from.getShort());
        }
      }
      case "BF16" -> {
        for (int i = at; i < at + n; i++) {
          into[i] = Float.intBitsToFloat(from.getShort() << 16);
        }
      }
      default -> {
        for (int i = at; i < at + n; i++) {
          double v = from.getDouble();
          into[i] = (float) v;
          if (Double.isFinite(v) && !Float.isFinite(into[i])) {
            throw new RunException(
                "Tensor '%s' of '%s' has %s at position %s: expected finite 32-bit floats; scale it first."
                    .formatted(Names.shown(e.name()), name, v, i));
          }
        }
      }
    }
  }

  @Override
  public void close() {
    try {
      source.close();
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }
}
