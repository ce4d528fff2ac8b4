package io.quickstudy.data.table;

import io.quickstudy.fuzz.Scratch;
import io.quickstudy.fuzz.Target;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Arrays of NumPy. */
public final class NumpyTarget implements Target {
  private final Path file = Scratch.folder().resolve("array.npy");

  @Override
  public void parse(byte[] input) throws IOException {
    Files.write(file, input);
    NumpyFile f = NumpyFile.read(file);
    if (f.width() != NumpyFile.width(file) || f.values().length != f.rows() * f.width()) {
      throw new AssertionError(
          "%s x %s numbers are %s".formatted(f.rows(), f.width(), f.values().length));
    }
    for (float v : f.values()) {
      if (!Float.isFinite(v)) {
        throw new AssertionError("a value of " + v);
      }
    }
  }

  @Override
  public List<byte[]> seeds() {
    return List.of(
        NumpyFileTest.array(
            1,
            NumpyFileTest.header("<f4", false, "1, 2"),
            ByteOrder.LITTLE_ENDIAN,
            b -> b.putFloat(1).putFloat(-2.5f)),
        NumpyFileTest.array(
            2,
            NumpyFileTest.header(">i2", true, "2, 2"),
            ByteOrder.BIG_ENDIAN,
            b ->
                b.putShort((short) 1).putShort((short) 2).putShort((short) 3).putShort((short) 4)));
  }
}
