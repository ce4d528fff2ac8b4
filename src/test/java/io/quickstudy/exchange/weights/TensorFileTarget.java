package io.quickstudy.exchange.weights;

import io.quickstudy.data.DataException;
import io.quickstudy.fuzz.Contract;
import io.quickstudy.fuzz.Scratch;
import io.quickstudy.fuzz.Target;
import io.quickstudy.graph.Shape;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.Safetensors;
import io.quickstudy.run.SafetensorsTarget;
import io.quickstudy.run.TensorFile;
import io.quickstudy.runtime.Array;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Weights to begin with, with and without a map of names. */
public final class TensorFileTarget implements Target {
  private static final String MAP = "conv{i}.weight: 'f.{i-1}.w'\nnorm{i}.{p}: 'n.{i}.{p}'\n";

  private final Path folder = Scratch.folder();
  private final Path file = folder.resolve("w.safetensors");
  private final Path map = folder.resolve("map.yaml");
  private final RunConfig byName = Starts.from(Starts.TWO_BLOCKS, file, null);
  private final RunConfig byMap = Starts.from(Starts.TWO_BLOCKS, file, map);
  private final Map<String, Array> drawn = state(theta());

  /** Writes the map. */
  public TensorFileTarget() {
    try {
      Files.writeString(map, MAP);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Parameters of two blocks, of an invented size. */
  static Map<String, Array> theta() {
    Map<String, Array> theta = new LinkedHashMap<>();
    for (int block = 1; block <= 2; block++) {
      theta.put("conv" + block + ".weight", filled(Shape.of(1, 2, block, 2)));
      for (String part : List.of("weight", "bias", "running_mean")) {
        theta.put("norm" + block + "." + part, filled(Shape.of(2)));
      }
    }
    return theta;
  }

  private static Array filled(Shape shape) {
    float[] numbers = new float[shape.size()];
    java.util.Arrays.fill(numbers, 0.5f);
    return new Array(shape, numbers);
  }

  private static Map<String, Array> state(Map<String, Array> theta) {
    Map<String, Array> state = new LinkedHashMap<>();
    theta.forEach((n, a) -> state.put(Checkpoint.THETA + n, a));
    return state;
  }

  @Override
  public void parse(byte[] input) throws IOException {
    Files.write(file, input);
    try (TensorFile f = TensorFile.open(file)) {
      for (String name : f.names()) {
        f.shape(name);
        refusable(() -> f.numbers(name));
      }
    }
    refusable(() -> Weights.start(byMap, drawn, TensorFileTarget::told));
    Weights.start(byName, drawn, TensorFileTarget::told);
  }

  /** What a user reads, which ends without a full stop. */
  private static void told(String line) {
    Contract.sentence(line + ".");
  }

  /** The rest is tried, whatever this says. */
  private static void refusable(Runnable part) {
    try {
      part.run();
    } catch (RunException | ConfigException | DataException e) {
      Contract.sentence(e.getMessage());
    }
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    Map<String, Array> theta = theta();
    seeds.add(Weights.write(byName, theta, Weights.Layout.QUICKSTUDY, Optional.empty()));
    seeds.add(Weights.write(byName, theta, Weights.Layout.PYTORCH, Optional.empty()));
    Map<String, Array> behind = new LinkedHashMap<>();
    Safetensors.read("x", seeds.get(1)).forEach((n, a) -> behind.put("model." + n, a));
    behind.put("model.conv1.bias", filled(Shape.of(2)));
    behind.put("model.fc.weight", filled(Shape.of(2, 2)));
    seeds.add(Safetensors.write(behind, "pt"));
    seeds.add(halves(theta));
    return seeds;
  }

  /** All parameters in types of 2 and 8 bytes in turn. */
  private byte[] halves(Map<String, Array> theta) {
    StringBuilder header = new StringBuilder("{\"z\":{\"dtype\":\"I64\",\"shape\":[0],");
    header.append("\"data_offsets\":[0,0]}");
    List<String> types = List.of("F16", "BF16", "F64");
    int at = 0;
    int i = 0;
    for (Map.Entry<String, Array> e : theta.entrySet()) {
      String type = types.get(i++ % types.size());
      int end = at + e.getValue().data().length * (type.equals("F64") ? 8 : 2);
      List<Long> shape =
          TorchLayout.of(Components.flattened(byName), e.getKey(), e.getValue().shape())
              .shape(e.getValue().shape());
      header.append(
          ",\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%s,%s]}"
              .formatted(e.getKey(), type, shape, at, end));
      at = end;
    }
    return SafetensorsTarget.file(header.append("}").toString(), at);
  }

  @Override
  public List<byte[]> extremes() {
    StringBuilder many = new StringBuilder("{");
    for (int i = 0; i < 50_000; i++) {
      many.append("\"%s.conv1.weight\":{\"dtype\":\"I8\",\"shape\":[0],".formatted(i));
      many.append("\"data_offsets\":[0,0]},");
    }
    many.setCharAt(many.length() - 1, '}');
    String long1 =
        "{\"%s.conv1.weight\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}"
            .formatted("x\\n".repeat(1 << 18));
    return List.of(SafetensorsTarget.file(many.toString(), 0), SafetensorsTarget.file(long1, 0));
  }
}
