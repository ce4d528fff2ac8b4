package io.quickstudy.exchange.weights;

import io.quickstudy.fuzz.Scratch;
import io.quickstudy.fuzz.Target;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.Safetensors;
import io.quickstudy.runtime.Array;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The map of names: weights that are written by one are read again by it. */
public final class NameMapTarget implements Target {
  private final Path folder = Scratch.folder();
  private final Path map = folder.resolve("map.yaml");
  private final Path file = folder.resolve("w.safetensors");
  private final RunConfig config = Starts.from(Starts.TWO_BLOCKS, file, map);
  private final Map<String, Array> theta = TensorFileTarget.theta();

  @Override
  public void parse(byte[] input) throws IOException {
    Files.write(map, input);
    byte[] written = Weights.write(config, theta, Weights.Layout.PYTORCH, Optional.of(map));
    Map<String, Array> tensors = readable(written);
    for (List<String> names : NameMap.read(map).of(theta.keySet()).values()) {
      if (!tensors.keySet().containsAll(names)) {
        throw new AssertionError(names + " are not in " + tensors.keySet());
      }
    }
  }

  private static Map<String, Array> readable(byte[] written) {
    try {
      return Safetensors.read("written", written);
    } catch (RunException e) {
      throw new AssertionError("what was written cannot be read", e);
    }
  }

  @Override
  public List<byte[]> seeds() {
    return bytes(
        "conv{i}.weight: 'f.{i-1}.w'\nnorm{i}.{p}: 'n.{i}.{p}'\n",
        "conv{i}.weight: ['{2*i+1}.a', '{i}.b']\nnorm{i}.{part}: ~\n",
        """
        conv1.weight: a
        "conv2.weight": [b, c]
        norm{n}.weight: w{n}
        norm{n}.bias: "{n}\\u00e9"
        norm{n}.running_mean: null
        norm{n}.running_var: v{n}
        """,
        "{\"{a}.{b}\": \"{b}.{a}\"}");
  }

  @Override
  public List<byte[]> extremes() {
    String long1 = "x".repeat((1 << 20) - 200);
    String all = "{a}.{b}: ";
    return bytes(
        "'" + all.replace(": ", "': '") + long1 + "'",
        "'" + long1 + "': y",
        "'{a}.{b}': '{b}{" + long1 + "}'",
        "conv1.weight: [" + "a,".repeat(1 << 18) + "b]",
        "conv1.weight: " + "[".repeat(1 << 18),
        "'" + "{a".repeat(1 << 18) + "': y",
        "'" + "{a}".repeat(1 << 17) + "': y",
        "'{a}.{b}': __metadata__",
        "'{a}.{b}': '{b}.{a}'\n'conv1.weight': __metadata__",
        "'{a}.{b}': \"{b}.{a}\\uD800\"",
        "'{a}.{b}': \"{b}\\n{a}\"",
        all);
  }

  private static List<byte[]> bytes(String... texts) {
    return Stream.of(texts).map(t -> t.getBytes(StandardCharsets.UTF_8)).toList();
  }
}
