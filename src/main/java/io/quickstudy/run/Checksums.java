package io.quickstudy.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/** Checksums in hexadecimal digits, of bytes and of files, which are read a piece at a time. */
final class Checksums {
  private static final int PIECE = 1 << 20;

  private Checksums() {}

  static String crc32c(byte[] bytes) {
    CRC32C c = new CRC32C();
    c.update(bytes);
    return digits(c);
  }

  static String crc32c(FileChannel file) throws IOException {
    CRC32C c = new CRC32C();
    pieces(file, c::update);
    return digits(c);
  }

  private static String digits(CRC32C c) {
    return HexFormat.of().toHexDigits(c.getValue(), 8);
  }

  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  static String sha256(FileChannel file) throws IOException {
    MessageDigest d = sha256();
    pieces(file, d::update);
    return HexFormat.of().formatHex(d.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void pieces(FileChannel file, Consumer<ByteBuffer> each) throws IOException {
    ByteBuffer piece = ByteBuffer.allocateDirect((int) Math.min(PIECE, file.size() + 1));
    for (long at = 0; ; at += piece.limit()) {
      piece.clear();
      if (file.read(piece, at) < 0) {
        return;
      }
      each.accept(piece.flip());
    }
  }
}
