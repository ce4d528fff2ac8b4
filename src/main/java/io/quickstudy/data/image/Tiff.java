package io.quickstudy.data.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The one thing that is asked of TIFF's fields, which EXIF has as well: how the picture is turned
 * (TIFF 6.0, section 8, tag 274). Libraries for metadata read it too, with makers' notes and
 * hundreds of other fields that nobody here needs; this looks at the first directory alone and
 * allocates nothing that the file claims.
 */
final class Tiff {
  private static final int MAGIC = 42;
  private static final int BIG_MAGIC = 43;
  private static final int HEADER = 8;
  private static final int ENTRY = 12;
  private static final int ORIENTATION = 274;
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int LAST = 8;
  private static final int UNSIGNED = 0xFFFF;

  private Tiff() {}

  /** Whether a header is at some place. */
  static boolean magic(byte[] bytes, int at) {
    if (bytes.length - at < HEADER) {
      return false;
    }
    int magic = ordered(bytes, at).getShort(at + 2);
    return magic == MAGIC || magic == BIG_MAGIC;
  }

  private static ByteBuffer ordered(byte[] bytes, int at) {
    return ByteBuffer.wrap(bytes)
        .order(bytes[at] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
  }

  /**
   * The orientation that a header's first directory has, from 1 to 8; 1, which is upright, where it
   * says nothing or is damaged, as viewers have it.
   *
   * @param at where the header is
   */
  static int orientation(byte[] bytes, int at) {
    if (!magic(bytes, at)) {
      return 1;
    }
    ByteBuffer b = ordered(bytes, at);
    long directory = at + (b.getInt(at + 4) & 0xFFFFFFFFL);
    if (directory + 2 > bytes.length) {
      return 1;
    }
    int entries = b.getShort((int) directory) & UNSIGNED;
    for (int i = 0; i < entries; i++) {
      long entry = directory + 2 + (long) i * ENTRY;
      if (entry + ENTRY > bytes.length) {
        return 1;
      }
      int e = (int) entry;
      if ((b.getShort(e) & UNSIGNED) == ORIENTATION) {
        int type = b.getShort(e + 2);
        int value = type == SHORT ? b.getShort(e + 8) : type == LONG ? b.getInt(e + 8) : 1;
        return value >= 1 && value <= LAST ? value : 1;
      }
    }
    return 1;
  }
}
