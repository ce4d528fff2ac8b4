package io.quickstudy.train;

import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageClass;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What tells whether two measurements are on the same tasks: a SHA-256 of all that describes them,
 * but for the size of the images. For one thread.
 */
final class TaskDigest {
  private final MessageDigest sha = sha256();

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Adds a text. */
  void add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(new int[] {bytes.length});
    sha.update(bytes);
  }

  /** Adds integers. */
  void add(int[] values) {
    ByteBuffer b = ByteBuffer.allocate(Math.multiplyExact(values.length, Integer.BYTES));
    b.asIntBuffer().put(values);
    sha.update(b);
  }

  /** Adds numbers. */
  void add(float[] values) {
    ByteBuffer b = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
    b.asFloatBuffer().put(values);
    sha.update(b);
  }

  /** Adds which images there are: the names of their classes, and how many each has. */
  void add(ExampleSet set) {
    for (ImageClass c : set.classes()) {
      add(c.fullName());
      add(new int[] {c.count()});
    }
  }

  /** In hexadecimal digits; begins anew. */
  String hex() {
    return HexFormat.of().formatHex(sha.digest());
  }
}
