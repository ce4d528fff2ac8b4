package io.quickstudy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.quickstudy.text.Text;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Features of images, in the order of their files.
 *
 * @param rows the images
 */
record Embedding(List<Row> rows) {
  private static final int NPY_ALIGNED = 64;
  private static final int NPY_BEFORE_HEADER = 10;

  /**
   * An image.
   *
   * @param file its path within the folder
   * @param parent the path of the folder that it is in, which may name its class
   * @param features empty where it cannot be read
   * @param error why, in a sentence; else empty
   */
  record Row(String file, String parent, float[] features, String error) {
    boolean readable() {
      return error.isEmpty();
    }
  }

  /** How far two images are apart. */
  enum Distance {
    /** The length of the difference of both features. */
    EUCLIDEAN,
    /** 1 less the cosine of the angle between both; 1 where one is all zeros. */
    COSINE;

    double of(float[] a, float[] b) {
      double squares = 0;
      double dot = 0;
      double aa = 0;
      double bb = 0;
      for (int i = 0; i < a.length; i++) {
        double d = (double) a[i] - b[i];
        squares += d * d;
        dot += (double) a[i] * b[i];
        aa += (double) a[i] * a[i];
        bb += (double) b[i] * b[i];
      }
      return switch (this) {
        case EUCLIDEAN -> Math.sqrt(squares);
        case COSINE -> aa == 0 || bb == 0 ? 1 : 1 - dot / Math.sqrt(aa * bb);
      };
    }
  }

  /** An image near another. */
  record Neighbour(Row row, double distance) {}

  /** Copies the list. */
  Embedding {
    rows = List.copyOf(rows);
  }

  /** Those that can be read. */
  List<Row> readable() {
    return rows.stream().filter(Row::readable).toList();
  }

  /** Numbers of each; 0 where none can be read. */
  int width() {
    return readable().isEmpty() ? 0 : readable().getFirst().features.length;
  }

  /** What is said where some cannot be read. */
  String failure() {
    String first = rows.stream().filter(r -> !r.readable()).findFirst().orElseThrow().error;
    return "%s of %s cannot be read; the first: %s"
        .formatted(rows.size() - readable().size(), Text.count(rows.size(), "image"), first);
  }

  /** A line of names, then one for each image: file, class, features, error. */
  byte[] csv() {
    List<String> names = new ArrayList<>(List.of("file", "class"));
    IntStream.range(0, width()).forEach(i -> names.add("f" + i));
    names.add("error");
    List<List<Object>> lines = new ArrayList<>();
    for (Row r : rows) {
      List<Object> line = new ArrayList<>(List.of(r.file, r.parent));
      for (int i = 0; i < width(); i++) {
        line.add(r.readable() ? r.features[i] : "");
      }
      line.add(r.error);
      lines.add(line);
    }
    return csv(names, lines);
  }

  /** The rows of {@link #npy}: row, file, class, error; an unreadable image has no row. */
  byte[] names() {
    List<List<Object>> lines = new ArrayList<>();
    int row = 0;
    for (Row r : rows) {
      lines.add(List.of(r.readable() ? row++ : "", r.file, r.parent, r.error));
    }
    return csv(List.of("row", "file", "class", "error"), lines);
  }

  private static byte[] csv(List<String> names, List<List<Object>> lines) {
    CsvSchema.Builder schema = CsvSchema.builder();
    names.forEach(schema::addColumn);
    try {
      return new CsvMapper()
          .writer(schema.build().withHeader())
          .writeValueAsString(lines)
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result that CSV cannot hold", e);
    }
  }

  /**
   * The features of those that can be read as NumPy's {@code load} reads them: F32 [n, d], version
   * 1.0 of the format (numpy.lib.format, NEP 1).
   */
  byte[] npy() {
    List<Row> all = readable();
    String about =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%s, %s), }"
            .formatted(all.size(), width());
    int unpadded = NPY_BEFORE_HEADER + about.length() + 1;
    String header = about + " ".repeat(Math.floorMod(-unpadded, NPY_ALIGNED)) + "\n";
    long numbers = (long) all.size() * width();
    ByteBuffer b =
        ByteBuffer.allocate(
                Math.toIntExact(NPY_BEFORE_HEADER + header.length() + Float.BYTES * numbers))
            .order(ByteOrder.LITTLE_ENDIAN);
    b.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    b.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    all.forEach(
        r -> {
          for (float f : r.features) {
            b.putFloat(f);
          }
        });
    return b.array();
  }

  /** The nearest others of one of {@link #readable}, the nearest first, of equals the first. */
  List<Neighbour> nearest(int of, int k, Distance by) {
    List<Row> all = readable();
    float[] mine = all.get(of).features;
    return IntStream.range(0, all.size())
        .filter(i -> i != of)
        .mapToObj(i -> new Neighbour(all.get(i), by.of(mine, all.get(i).features)))
        .sorted(java.util.Comparator.comparingDouble(Neighbour::distance))
        .limit(k)
        .toList();
  }
}
