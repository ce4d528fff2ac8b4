package io.quickstudy.data.image;

import io.quickstudy.fuzz.Scratch;
import io.quickstudy.fuzz.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Splits that files say, of three class folders of two files. */
public abstract class SplitTarget implements Target {
  private final Path root = Scratch.folder();
  private final Path list;

  SplitTarget(String kind, String test) {
    this.list = root.resolve("lists/train" + kind);
    try {
      Files.createDirectories(list.getParent());
      Files.writeString(root.resolve("lists/test" + kind), test);
      for (String folder : List.of("a", "b", "images/c", "d/e")) {
        Files.createDirectories(root.resolve(folder));
        Files.writeString(root.resolve(folder).resolve("0.png"), "x");
        Files.writeString(root.resolve(folder).resolve("1.png"), "x");
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public final void parse(byte[] input) throws IOException {
    Files.write(list, input);
    ImageListing listing = SplitLists.read(root, list.getParent());
    for (ImageListing.Image image : listing.files()) {
      if (!image.path().toRealPath().startsWith(root.toRealPath())) {
        throw new AssertionError(image.path() + " is outside of " + root);
      }
    }
  }

  static List<byte[]> bytes(String... texts) {
    return Stream.of(texts).map(t -> t.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** Tables. */
  public static final class Rows extends SplitTarget {
    /** A split with a good test part. */
    public Rows() {
      super(".csv", "filename,label\n0.png,b\n");
    }

    @Override
    public List<byte[]> seeds() {
      return bytes(
          "filename,label\n0.png,a\n1.png,a\n",
          "label , filename\r\n\"a\",\"a/0.png\"\r\n\r\nc,c/1.png\n",
          "x,filename,label\n1,images/c/0.png,\"q\"\"uote\"");
    }

    @Override
    public List<byte[]> extremes() {
      String long1 = "x".repeat(1 << 22);
      return bytes(
          "filename,label\n" + long1 + ",a\n",
          "filename,label\n0.png," + long1 + "\n",
          "filename,label\n" + "0.png,a\n".repeat(1 << 12),
          "filename,label\n" + "z.png,a\n".repeat(1 << 14),
          "filename,label\n0.png,a\n\"" + long1,
          long1,
          "a,".repeat(1 << 20),
          "filename,label\n" + "a,".repeat(1 << 20),
          "filename,label\n\"z\n.png\",a\n",
          "filename,label\n../0.png,a\n",
          "filename,label\n/etc/hostname,a\n",
          "filename,label\n\0.png,a\n");
    }
  }

  /** Lists of classes. */
  public static final class Lines extends SplitTarget {
    /** A split with a good test part. */
    public Lines() {
      super(".txt", "b\n");
    }

    @Override
    public List<byte[]> seeds() {
      return bytes("a\n", "# c\n d/e \n\na", "images/c\r\ne\r\n");
    }

    @Override
    public List<byte[]> extremes() {
      String long1 = "x".repeat(1 << 24);
      return bytes(long1, "a\n".repeat(1 << 18), "\0", "\u2028\u0085");
    }
  }
}
