package io.quickstudy.run;

import io.quickstudy.fuzz.Contract;
import io.quickstudy.fuzz.Scratch;
import io.quickstudy.fuzz.Target;
import io.quickstudy.graph.Shape;
import io.quickstudy.runtime.Array;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The counters of a checkpoint, beside good tensors. */
public final class CheckpointTarget implements Target {
  private final Path folder = Scratch.folder();
  private final Path counters = folder.resolve("step-0000003.json");
  private final Checkpoints checkpoints = new Checkpoints(folder);

  @Override
  public void parse(byte[] input) throws IOException {
    Files.write(counters, input);
    boolean taken = checkpoints.newest(Contract::sentence).isPresent();
    if (checkpoints.read(3).step() != 3 || !taken) {
      throw new AssertionError("the newest is another");
    }
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    checkpoints.write(
        Checkpoint.of(
            3,
            1.5,
            Map.of("a", new Array(Shape.of(2), new float[] {1, 2})),
            new Checkpoint.Window(2, 0.1, 0.7)));
    byte[] written = Files.readAllBytes(counters);
    String more = new String(written, StandardCharsets.UTF_8).replaceFirst("\\{", "{\"x\":[1e9],");
    return List.of(written, more.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public List<byte[]> extremes() {
    return List.of(
        "[".repeat(1 << 20).getBytes(StandardCharsets.UTF_8),
        ("{\"step\":" + "9".repeat(1 << 19) + "}").getBytes(StandardCharsets.UTF_8),
        ("[" + "[],".repeat(300_000) + "1]").getBytes(StandardCharsets.UTF_8),
        new byte[(1 << 20) + 1]);
  }
}
