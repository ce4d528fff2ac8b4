package io.quickstudy.data.table;

import io.quickstudy.data.DataException;
import io.quickstudy.text.Names;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array of rows of numbers as NumPy's {@code save} writes it, of versions 1.0 to 3.0 of the
 * format (numpy.lib.format, NEP 1): floats of 2, 4 and 8 bytes and integers, in either order of
 * bytes and of axes.
 *
 * @param file where it is
 * @param rows how many
 * @param width numbers of each
 * @param values [rows, width]
 */
record NumpyFile(Path file, int rows, int width, float[] values) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LAST_VERSION = 3;
  private static final int MOST_HEADER = 1 << 16;
  private static final int PIECE = 1 << 16;

  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']{1,20})'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9, ]{0,100})\\)");
  private static final Pattern KNOWN = Pattern.compile("([<>|=])(f[248]|[iu][1248])");

  /**
   * What stands before the numbers.
   *
   * @param kind of a number: 'f', 'i' or 'u'
   * @param bytes of a number
   */
  private record Header(
      char kind, int bytes, ByteOrder order, boolean fortran, int rows, int width) {}

  /**
   * Reads an array.
   *
   * @throws DataException if it cannot be read, is of another form or type, or holds what is no
   *     finite number of 32 bits
   */
  static NumpyFile read(Path file) {
    try (DataInputStream in = open(file)) {
      Header h = header(file, in);
      float[] values = values(file, in, h);
      if (in.read() >= 0) {
        throw wrong(
            file, "more bytes than its %s x %s numbers".formatted(h.rows, h.width), "no more");
      }
      return new NumpyFile(file, h.rows, h.width, values);
    } catch (EOFException e) {
      throw new DataException(
          "Array '%s' is cut off: expected as many numbers as its header says; write it again."
              .formatted(file),
          e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The numbers of a row, of which only the header is read. */
  static int width(Path file) {
    try (DataInputStream in = open(file)) {
      return header(file, in).width;
    } catch (EOFException e) {
      throw new DataException(
          "Array '%s' is cut off in its header: expected an array of NumPy; write it again."
              .formatted(file),
          e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static DataInputStream open(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    return new DataInputStream(new BufferedInputStream(in, PIECE));
  }

  private static DataException unreadable(Path file, IOException e) {
    return new DataException(
        "Array '%s' cannot be read (%s): expected a file of NumPy's save; check the path."
            .formatted(file, Names.said(String.valueOf(e.getMessage()))),
        e);
  }

  private static DataException wrong(Path file, String found, String expected) {
    return new DataException(
        "Array '%s' has %s: expected %s; convert it.".formatted(file, found, expected));
  }

  private static Header header(Path file, DataInputStream in) throws IOException {
    byte[] magic = in.readNBytes(MAGIC.length);
    if (!Arrays.equals(magic, MAGIC)) {
      throw wrong(file, "another beginning than arrays of NumPy", "what numpy.save writes");
    }
    int version = in.readUnsignedByte();
    in.readUnsignedByte(); // the minor version
    if (version < 1 || version > LAST_VERSION) {
      throw wrong(file, "the format's version " + version, "1 to " + LAST_VERSION);
    }
    long length =
        version == 1
            ? Short.toUnsignedInt(Short.reverseBytes(in.readShort()))
            : Integer.toUnsignedLong(Integer.reverseBytes(in.readInt()));
    if (length > MOST_HEADER) {
      throw wrong(file, "a header of %s bytes".formatted(length), "at most " + MOST_HEADER);
    }
    byte[] bytes = new byte[(int) length];
    in.readFully(bytes);
    return header(file, new String(bytes, StandardCharsets.UTF_8));
  }

  private static Header header(Path file, String text) {
    String numbers = "float16, float32, float64 or integers, by astype('float32')";
    Matcher type = TYPE.matcher(text);
    if (!type.find()) {
      throw wrong(file, "columns of several types, or none", numbers);
    }
    Matcher known = KNOWN.matcher(type.group(1));
    if (!known.matches()) {
      throw wrong(file, "the type '%s'".formatted(Names.shown(type.group(1))), numbers);
    }
    Matcher order = ORDER.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (!order.find() || !shape.find()) {
      throw wrong(file, "a header without order or shape", "what numpy.save writes");
    }
    int[] dims = dims(file, shape.group(1));
    return new Header(
        known.group(2).charAt(0),
        known.group(2).charAt(1) - '0',
        known.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
        order.group(1).equals("True"),
        dims[0],
        dims[1]);
  }

  /** [rows, width]. */
  private static int[] dims(Path file, String text) {
    List<Long> dims = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        String digits = part.strip();
        dims.add(digits.matches("\\d{1,10}") ? Long.parseLong(digits) : Long.MAX_VALUE);
      }
    }
    if (dims.size() != 2) {
      throw wrong(
          file, "the shape (%s)".formatted(text.strip()), "two axes, (rows, numbers of a row)");
    }
    long rows = dims.get(0);
    long width = dims.get(1);
    long most = TableFile.MOST_NUMBERS;
    if (rows < 1 || width < 1 || rows > most || width > most || rows * width > most) {
      throw wrong(
          file,
          "the shape (%s)".formatted(text.strip()),
          "at least one row of at least one number, and at most %s numbers".formatted(most));
    }
    return new int[] {(int) rows, (int) width};
  }

  private static float[] values(Path file, DataInputStream in, Header h) throws IOException {
    int n = h.rows * h.width;
    int each = PIECE / h.bytes;
    // as long as what is there: a header may say anything
    float[] values = new float[Math.min(n, each)];
    byte[] piece = new byte[each * h.bytes];
    for (int done = 0; done < n; ) {
      int now = Math.min(each, n - done);
      in.readFully(piece, 0, now * h.bytes);
      ByteBuffer b = ByteBuffer.wrap(piece, 0, now * h.bytes).order(h.order);
      if (values.length < done + now) {
        values = Arrays.copyOf(values, (int) Math.min(n, 2L * values.length + now));
      }
      for (int i = 0; i < now; i++) {
        float v = number(b, h);
        if (!Float.isFinite(v)) {
          throw notFinite(file, h, done + i, v);
        }
        values[done + i] = v;
      }
      done += now;
    }
    return h.fortran ? byRow(values, h) : values;
  }

  private static DataException notFinite(Path file, Header h, int at, float v) {
    int row = h.fortran ? at % h.rows : at / h.width;
    int column = h.fortran ? at / h.rows : at % h.width;
    return new DataException(
        "Row %s of '%s' has %s in column %s, both counted from 0: expected a number of 32 bits; leave the row or the column out."
            .formatted(row, file, v, column));
  }

  /** Values that were written column by column. */
  private static float[] byRow(float[] values, Header h) {
    float[] rows = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rows[i % h.rows * h.width + i / h.rows] = values[i];
    }
    return rows;
  }

  private static float number(ByteBuffer b, Header h) {
    return switch (h.kind) {
      case 'f' ->
          switch (h.bytes) {
            case 2 -> Float.float16ToFloat(b.getShort());
            case 4 -> b.getFloat();
            default -> (float) b.getDouble();
          };
      case 'i' ->
          switch (h.bytes) {
            case 1 -> b.get();
            case 2 -> b.getShort();
            case 4 -> b.getInt();
            default -> b.getLong();
          };
      default ->
          switch (h.bytes) {
            case 1 -> Byte.toUnsignedInt(b.get());
            case 2 -> Short.toUnsignedInt(b.getShort());
            case 4 -> Integer.toUnsignedLong(b.getInt());
            default -> unsigned(b.getLong());
          };
    };
  }

  private static float unsigned(long v) {
    // halved with its last bit kept, so that it is rounded once
    return v >= 0 ? v : 2 * (float) ((v >>> 1) | (v & 1));
  }

  /** Row by row. */
  VectorFile vectors() {
    List<TableRow> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      all.add(new TableRow("", "", i, Arrays.copyOfRange(values, i * width, (i + 1) * width)));
    }
    return new VectorFile(file, "", Optional.empty(), all);
  }
}
