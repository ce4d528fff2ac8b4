package io.quickstudy.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** Tells whether images and their split are those of another time. */
public final class Fingerprint {
  private static final int CHUNK = 1 << 16;

  private Fingerprint() {}

  /**
   * A SHA-256 of all that tasks are made of: the classes in order with their names and numbers of
   * examples, which of them are for what, and every pixel. Where the images came from and what
   * their set is called does not matter.
   *
   * @return 64 hexadecimal digits
   */
  public static String of(ImageSet set, Split split) {
    return of(set, split, Optional.empty());
  }

  /** As {@link #of(ImageSet, Split)}, also of what the classes are like, where that is known. */
  public static String of(ImageSet set, Split split, Optional<Attributes> attributes) {
    String form = "%s %s %s".formatted(set.height(), set.width(), set.channels());
    MessageDigest digest = begun(form, set, split);
    digest.update(set.pixels());
    if (attributes.isPresent()) {
      Attributes a = attributes.get();
      a.names().forEach(n -> text(digest, n));
      numbers(digest, a.values());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The same of rows of numbers by class or task. */
  public static String of(VectorSet set, Split split) {
    MessageDigest digest = begun("%s %s".formatted(set.unit(), set.width()), set, split);
    numbers(digest, set.values());
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest begun(String form, ExampleSet set, Split split) {
    MessageDigest digest = sha256();
    text(digest, form);
    for (ImageClass c : set.classes()) {
      text(digest, c.count() + " " + c.fullName());
    }
    for (Split.Part part : Split.Part.values()) {
      int[] classes = split.classes(part);
      ByteBuffer numbers = ByteBuffer.allocate(4 + 4 * classes.length);
      numbers.putInt(classes.length).asIntBuffer().put(classes);
      digest.update(numbers.clear());
    }
    return digest;
  }

  private static void numbers(MessageDigest digest, float[] values) {
    ByteBuffer some = ByteBuffer.allocate(Float.BYTES * Math.clamp(values.length, 1, CHUNK));
    for (int at = 0; at < values.length; at += CHUNK) {
      int n = Math.min(CHUNK, values.length - at);
      some.clear().asFloatBuffer().put(values, at, n);
      digest.update(some.limit(Float.BYTES * n));
    }
  }

  /** Ends with a character that no name has. */
  private static void text(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
