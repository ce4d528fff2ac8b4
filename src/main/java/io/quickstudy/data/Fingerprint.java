package io.quickstudy.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** Tells whether images and their split are those of another time. */
public final class Fingerprint {
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
    MessageDigest digest = sha256();
    text(digest, "%s %s %s".formatted(set.height(), set.width(), set.channels()));
    for (ImageClass c : set.classes()) {
      text(digest, c.count() + " " + c.fullName());
    }
    for (Split.Part part : Split.Part.values()) {
      int[] classes = split.classes(part);
      ByteBuffer numbers = ByteBuffer.allocate(4 + 4 * classes.length);
      numbers.putInt(classes.length).asIntBuffer().put(classes);
      digest.update(numbers.clear());
    }
    digest.update(set.pixels());
    if (attributes.isPresent()) {
      Attributes a = attributes.get();
      a.names().forEach(n -> text(digest, n));
      float[] values = a.values();
      ByteBuffer numbers = ByteBuffer.allocate(Float.BYTES * values.length);
      numbers.asFloatBuffer().put(values);
      digest.update(numbers);
    }
    return HexFormat.of().formatHex(digest.digest());
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
