package io.quickstudy.data.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Walks the segments of a JPEG file that come before its pixels. */
final class JpegSegments {
  static final int APP1 = 0xE1;
  private static final int APP0 = 0xE0;
  private static final int APP14 = 0xEE;
  private static final int SCAN = 0xDA;
  private static final int END = 0xD9;
  private static final int FILL = 0xFF;
  private static final int TRANSFORM = 11;
  private static final byte[] JFIF = "JFIF\0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);

  private final byte[] file;
  private int at = 2; // behind the start
  private int marker;
  private int start;
  private int end;

  JpegSegments(byte[] file) {
    this.file = file;
  }

  /** Goes on to the next; false where there is none, or the file is damaged. */
  boolean next() {
    while (at + 1 < file.length && (file[at] & 0xFF) == FILL && (file[at + 1] & 0xFF) == FILL) {
      at++; // as many as a writer likes
    }
    if (at + 4 > file.length || (file[at] & 0xFF) != FILL) {
      return false;
    }
    marker = file[at + 1] & 0xFF;
    if (marker == SCAN || marker == END || marker == 0) {
      return false;
    }
    int length = (file[at + 2] & 0xFF) << 8 | (file[at + 3] & 0xFF);
    start = at + 4;
    end = at + 2 + length;
    at = end;
    return length >= 2 && end <= file.length;
  }

  /** Which kind it is. */
  int marker() {
    return marker;
  }

  /** Where its data begins. */
  int start() {
    return start;
  }

  /** Whether its data begins so. */
  boolean starts(byte[] with) {
    int to = Math.min(end, start + with.length);
    return Arrays.equals(file, start, to, with, 0, with.length);
  }

  /**
   * A file that its reader understands as viewers do. Where JFIF says that colours are in YCbCr,
   * and Adobe's segment that they are untransformed, JFIF is right (so libjpeg, and so browsers);
   * the reader here would believe Adobe, so that is left out.
   */
  static byte[] asViewersSee(byte[] file) {
    boolean jfif = false;
    for (JpegSegments s = new JpegSegments(file); s.next(); ) {
      jfif |= s.marker == APP0 && s.starts(JFIF);
      boolean adobe = s.marker == APP14 && s.starts(ADOBE) && s.end - s.start > TRANSFORM;
      if (jfif && adobe && file[s.start + TRANSFORM] == 0 && components(file) == 3) {
        byte[] without = new byte[file.length - (s.end - s.start + 4)];
        System.arraycopy(file, 0, without, 0, s.start - 4);
        System.arraycopy(file, s.end, without, s.start - 4, file.length - s.end);
        return without;
      }
    }
    return file;
  }

  /** How many colours the frame has. */
  private static int components(byte[] file) {
    for (JpegSegments s = new JpegSegments(file); s.next(); ) {
      boolean frame = s.marker >= 0xC0 && s.marker <= 0xCF && s.marker != 0xC4 && s.marker != 0xCC;
      if (frame && s.end - s.start > 5) {
        return file[s.start + 5];
      }
    }
    return 0;
  }
}
