package io.quickstudy.exchange.weights;

import io.quickstudy.run.ConfigException;
import io.quickstudy.run.RunException;
import io.quickstudy.run.SafetensorsHeader;
import io.quickstudy.text.Names;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file of any writer, of any size: its header is read when it is opened, its numbers
 * tensor by tensor, as 32-bit floats.
 */
final class TensorFile implements AutoCloseable {
  /** The types that are read, with their bytes. */
  private static final Map<String, Integer> TYPES = Map.of("F16", 2, "BF16", 2, "F32", 4, "F64", 8);

  private final Path path;
  private final FileChannel channel;
  private final long start;
  private final SafetensorsHeader header;
  private final Map<String, SafetensorsHeader.Entry> entries = new LinkedHashMap<>();

  private TensorFile(Path path, FileChannel channel, long start, SafetensorsHeader header) {
    this.path = path;
    this.channel = channel;
    this.start = start;
    this.header = header;
    header.entries().forEach(e -> entries.put(e.name(), e));
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws ConfigException if there is no such file
   * @throws RunException if it is damaged or no such file
   */
  static TensorFile open(Path path) {
    check(path);
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      long size = channel.size();
      long length = size < SafetensorsHeader.LENGTH_BYTES ? -1 : read(channel, 0, 8).getLong();
      int n = SafetensorsHeader.length(path.toString(), length, size);
      byte[] text = read(channel, SafetensorsHeader.LENGTH_BYTES, n).array();
      long start = SafetensorsHeader.LENGTH_BYTES + (long) n;
      SafetensorsHeader header = SafetensorsHeader.parse(path.toString(), text, size - start);
      return new TensorFile(path, channel, start, header);
    } catch (IOException | RuntimeException e) {
      close(channel, e);
      throw e instanceof IOException io ? unreadable(path, io) : (RuntimeException) e;
    }
  }

  private static void check(Path path) {
    if (!Files.isRegularFile(path)) {
      throw new ConfigException(
          "Weights '%s' %s: expected a .safetensors file; check the path."
              .formatted(path, Files.exists(path) ? "are no file" : "do not exist"));
    }
  }

  private static void close(FileChannel channel, Exception after) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        after.addSuppressed(e);
      }
    }
  }

  private static RunException unreadable(Path path, IOException e) {
    return new RunException(
        "Weights '%s' cannot be read (%s): expected a whole file; check its permissions."
            .formatted(path, e.getClass().getSimpleName() + ": " + e.getMessage()),
        e);
  }

  private static ByteBuffer read(FileChannel channel, long from, int bytes) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (b.hasRemaining()) {
      if (channel.read(b, from + b.position()) < 0) {
        throw new EOFException("it ends at byte " + (from + b.position()));
      }
    }
    return b.flip();
  }

  /** What to call it in messages. */
  String name() {
    return path.toString();
  }

  /** The names of its tensors in the order of their places. */
  Set<String> names() {
    return java.util.Collections.unmodifiableSet(entries.keySet());
  }

  /** A text that its writer left, such as "format"; empty where there is none. */
  String metadata(String key) {
    return header.metadata().getOrDefault(key, "");
  }

  /** The extents of a tensor. */
  List<Long> shape(String tensor) {
    return entries.get(tensor).shape();
  }

  /**
   * The numbers of a tensor, which has fewer than 2^31.
   *
   * @throws RunException if they are of a type that is no float, or one of them is not finite
   */
  float[] numbers(String tensor) {
    SafetensorsHeader.Entry e = entries.get(tensor);
    Integer bytes = TYPES.get(e.dtype());
    if (bytes == null) {
      throw new RunException(
          "Tensor '%s' of '%s' has type '%s': expected F32, F16, BF16 or F64; convert it first."
              .formatted(Names.shown(tensor), path, e.dtype()));
    }
    float[] numbers = new float[Math.toIntExact((e.end() - e.begin()) / bytes)];
    int chunk = 1 << 16;
    try {
      for (int done = 0; done < numbers.length; done += chunk) {
        int n = Math.min(chunk, numbers.length - done);
        ByteBuffer b = read(channel, start + e.begin() + (long) done * bytes, n * bytes);
        for (int i = 0; i < n; i++) {
          numbers[done + i] = next(b, e.dtype());
        }
      }
    } catch (IOException problem) {
      throw unreadable(path, problem);
    }
    for (int i = 0; i < numbers.length; i++) {
      if (!Float.isFinite(numbers[i])) {
        throw new RunException(
            "Tensor '%s' of '%s' has %s at position %d: expected finite 32-bit floats; use weights of a run that did not diverge."
                .formatted(Names.shown(tensor), path, numbers[i], i));
      }
    }
    return numbers;
  }

  private static float next(ByteBuffer b, String type) {
    return switch (type) {
      case "F16" -> Float.float16ToFloat(b.getShort());
      case "BF16" -> Float.intBitsToFloat(b.getShort() << 16);
      case "F32" -> b.getFloat();
      default -> (float) b.getDouble();
    };
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }
}
