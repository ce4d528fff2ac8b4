package io.quickstudy.data.table;

import io.quickstudy.fuzz.Scratch;
import io.quickstudy.fuzz.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Tables of numbers. */
public final class TableTarget implements Target {
  private final Path file = Scratch.folder().resolve("table.csv");

  @Override
  public void parse(byte[] input) throws IOException {
    Files.write(file, input);
    TableFile t = TableFile.read(file);
    if (!t.columns().equals(TableFile.columns(file))) {
      throw new AssertionError("other columns by the headings alone");
    }
    for (float v : t.rows().values()) {
      if (!Float.isFinite(v)) {
        throw new AssertionError("a value of " + v);
      }
    }
  }

  @Override
  public List<byte[]> seeds() {
    return Stream.of(
            "task,x,y\na,1,0\nb,0.5,-1e-3\n",
            "class, \"a, b\",group\r\n\r\n\"c\", .25,g\r\nd,+10,\n")
        .map(s -> s.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
