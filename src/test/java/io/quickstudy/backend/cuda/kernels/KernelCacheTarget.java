package io.quickstudy.backend.cuda.kernels;

import io.quickstudy.fuzz.Scratch;
import io.quickstudy.fuzz.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What is kept of kernels and of measurements; only what is whole counts. */
public final class KernelCacheTarget implements Target {
  private static final byte[] MADE = "algorithm 1".getBytes(StandardCharsets.UTF_8);

  private final Path folder = Scratch.folder();
  private final KernelCache cache = new KernelCache(folder);

  @Override
  public void parse(byte[] input) throws IOException {
    Files.write(folder.resolve("k.bin"), input);
    byte[] got =
        cache.get(
            "k.bin",
            b -> Set.of("own", "algorithm 1").contains(new String(b, StandardCharsets.UTF_8)),
            () -> MADE);
    String text = new String(got, StandardCharsets.UTF_8);
    if (!text.equals("own") && !Arrays.equals(got, MADE)) {
      throw new AssertionError("kept: " + text);
    }
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    Path entry = folder.resolve("seed.bin");
    cache.get("seed.bin", () -> "own".getBytes(StandardCharsets.UTF_8));
    byte[] own = Files.readAllBytes(entry);
    Files.delete(entry);
    cache.get("seed.bin", () -> MADE);
    return List.of(own, Files.readAllBytes(entry), new byte[0], new byte[32]);
  }
}
