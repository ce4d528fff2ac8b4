package io.quickstudy.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The inputs that are kept: what the fuzzer found, in a folder for each target. */
public final class Corpus {
  private static final Path KEPT = Path.of("src/test/resources/fuzz");

  private Corpus() {}

  /** What is kept of a target, by name. */
  static Map<String, byte[]> kept(Targets target) throws IOException {
    Map<String, byte[]> inputs = new TreeMap<>();
    Path folder = KEPT.resolve(target.key());
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          inputs.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }
    }
    return inputs;
  }

  /** Writes what the fuzzer begins with: arguments are a folder and the names of targets. */
  public static void main(String[] arguments) throws Exception {
    for (String name : List.of(arguments).subList(1, arguments.length)) {
      Targets target = Targets.of(name);
      Path folder = Files.createDirectories(Path.of(arguments[0], name));
      List<byte[]> seeds = target.open().seeds();
      for (int i = 0; i < seeds.size(); i++) {
        Files.write(folder.resolve("seed-" + i), seeds.get(i));
      }
      for (Map.Entry<String, byte[]> kept : kept(target).entrySet()) {
        Files.write(folder.resolve("kept-" + kept.getKey()), kept.getValue());
      }
    }
  }
}
