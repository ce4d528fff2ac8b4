package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.fuzz.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** The index of decoded images. One that is no good is passed over, so that nobody is told. */
public final class ImageIndexTarget implements Target {
  private static final ImageCache.Index WANTED =
      new ImageCache.Index(
          2, "/data", "split", 28, 28, 3, "DARK", "STRETCH", "NONE", "NONE", 4, List.of(), "", 9408,
          "");

  @Override
  public void parse(byte[] input) {
    try {
      boolean same = ImageCache.parse(input).filter(WANTED::succeeds).isPresent();
      if (same && input.length < WANTED.folder().length()) {
        throw new AssertionError("of another folder");
      }
    } catch (IOException e) {
      throw new DataException("It is made again.", e); // as the cache does with it
    }
  }

  @Override
  public List<byte[]> seeds() {
    return bytes(
        """
        {
          "version" : 1, "folder" : "/data", "layout" : "split", "height" : 28, "width" : 28,
          "channels" : 3, "ink" : "DARK", "fit" : "STRETCH", "trim" : "NONE", "levels" : "NONE",
          "images" : 2, "unreadable" : [ 3 ], "why" : "", "bytes" : 4704, "crc32c" : "1f"
        }
        """,
        "{}",
        "null");
  }

  @Override
  public List<byte[]> extremes() {
    return bytes("[".repeat(1 << 16), "{\"bytes\":" + "9".repeat(1 << 16) + "}");
  }

  private static List<byte[]> bytes(String... texts) {
    return Stream.of(texts).map(t -> t.getBytes(StandardCharsets.UTF_8)).toList();
  }
}
