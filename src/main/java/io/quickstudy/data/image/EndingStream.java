package io.quickstudy.data.image;

import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * The bytes of a file, which say once and for all when they are at their end. The reader of WebP
 * goes on with zeros behind it, and makes tables of gigabytes of them.
 */
final class EndingStream extends ImageInputStreamImpl {
  /** Readers look ahead by as many as a long has. */
  private static final int MOST_BEHIND = 64;

  private final byte[] file;
  private int behind;

  EndingStream(byte[] file) {
    this.file = file;
  }

  @Override
  public int read() {
    bitOffset = 0;
    return streamPos < file.length ? file[(int) streamPos++] & 0xFF : -1;
  }

  @Override
  public int read(byte[] into, int at, int most) {
    bitOffset = 0;
    if (streamPos >= file.length) {
      return most == 0 ? 0 : -1;
    }
    int n = (int) Math.min(most, file.length - streamPos);
    System.arraycopy(file, (int) streamPos, into, at, n);
    streamPos += n;
    return n;
  }

  @Override
  public byte readByte() throws IOException {
    if (streamPos >= file.length && ++behind > MOST_BEHIND) {
      throw new IOException("its end is missing");
    }
    return super.readByte();
  }

  @Override
  public long length() {
    return file.length;
  }
}
