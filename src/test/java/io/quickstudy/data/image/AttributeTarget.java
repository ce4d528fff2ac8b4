package io.quickstudy.data.image;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.ImageClass;
import io.quickstudy.fuzz.Scratch;
import io.quickstudy.fuzz.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What two classes are like. */
public final class AttributeTarget implements Target {
  private static final List<ImageClass> CLASSES =
      List.of(new ImageClass("a", "", 0, 1), new ImageClass("b", "g", 1, 1));

  private final Path file = Scratch.folder().resolve(AttributeFile.NAME);

  @Override
  public void parse(byte[] input) throws IOException {
    Files.write(file, input);
    Attributes a = AttributeFile.read(file).of(CLASSES);
    for (float v : a.values()) {
      if (!Attributes.inRange(v)) {
        throw new AssertionError("a value of " + v);
      }
    }
  }

  @Override
  public List<byte[]> seeds() {
    return SplitTarget.bytes(
        "class,round,red\na,1,0\nb,0.5,-1e-3\n",
        "class , \"round, or so\"\r\n\r\n\"g/b\", .25\r\na,+10\n");
  }
}
