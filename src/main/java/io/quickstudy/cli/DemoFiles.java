package io.quickstudy.cli;

import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A small run and pictures for it, which are in the jar. The run was made by
 *
 * <pre>train --learner protonet --data omniglot --filters 32 --ways 20 --steps 4000 --workers 1
 * </pre>
 *
 * in two minutes (96.81 ± 0.27 % at 5-way 1-shot), and its optimiser's tensors left out, so that it
 * can be put to work and not be trained further. The pictures are characters that {@code glyphs}
 * draws, of an alphabet of its own and by five hands.
 *
 * @param folder where they are unpacked
 */
record DemoFiles(Path folder) {
  /** What the run reached on characters that it never saw. */
  static final String REACHED = "96.8% at 5-way 1-shot";

  private static final String ROOT = "/io/quickstudy/demo/";
  private static final List<String> CLASSES = List.of("bubbles", "fish", "hook", "spiral", "wave");
  private static final int QUERIES = 4;
  private static final List<String> RUN =
      List.of(
          "config.yaml",
          "data.json",
          "calibration.json",
          "checkpoints/step-0004000.safetensors",
          "checkpoints/step-0004000.json");

  Path run() {
    return folder.resolve("run");
  }

  Path support() {
    return folder.resolve("support");
  }

  Path query() {
    return folder.resolve("query");
  }

  /** The picture that a class is learnt from. */
  Path example(String name) {
    return support().resolve(name).resolve("1.png");
  }

  static List<String> classes() {
    return CLASSES;
  }

  /** All of them, below the folder. */
  private static List<String> names() {
    List<String> out = new ArrayList<>();
    RUN.forEach(f -> out.add("run/" + f));
    for (String c : CLASSES) {
      out.add("support/" + c + "/1.png");
      for (int i = 1; i <= QUERIES; i++) {
        out.add("query/" + c + "/" + i + ".png");
      }
    }
    return out;
  }

  /**
   * Writes what is not there yet. What lies in the folder and is something else stays as it is.
   *
   * @throws ConfigException if a file of one of the names is another, or nothing can be written
   */
  void unpack() {
    try {
      for (String name : names()) {
        byte[] bytes = read(name);
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
          Files.createDirectories(file.getParent());
          Files.write(file, bytes);
        } else if (!Files.isRegularFile(file) || !Arrays.equals(Files.readAllBytes(file), bytes)) {
          throw new ConfigException(
              "File '%s' is not the demo's: expected a folder without such a file; say --out DIR."
                  .formatted(file));
        }
      }
    } catch (IOException e) {
      throw new ConfigException(
          "The demo cannot be written to '%s' (%s): expected a folder that can be written; say --out DIR."
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  private static byte[] read(String name) throws IOException {
    try (InputStream in = DemoFiles.class.getResourceAsStream(ROOT + name)) {
      if (in == null) {
        throw new IllegalStateException(ROOT + name + " is missing: expected it in the jar");
      }
      return in.readAllBytes();
    }
  }
}
