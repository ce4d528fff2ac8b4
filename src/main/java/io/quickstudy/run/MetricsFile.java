package io.quickstudy.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * A run's metrics.jsonl.
 *
 * @param path where it is, or will be
 */
record MetricsFile(Path path) {
  /** Adds a line. */
  void add(Map<String, Object> line) throws IOException {
    Files.writeString(
        path,
        JsonFile.JSON.writeValueAsString(line) + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** Drops the lines behind a step, those that are made again in any case, and torn ones. */
  void forgetAfter(int step) throws IOException {
    if (Files.exists(path)) {
      SafeFiles.write(path, read().upTo(step).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** What it tells now; nothing where it is not there. */
  Metrics read() {
    try {
      // bytes that are no UTF-8 make a line that is no JSON
      return Metrics.of(
          Files.exists(path) ? new String(Files.readAllBytes(path), StandardCharsets.UTF_8) : "");
    } catch (IOException e) {
      throw new RunException(
          "File '%s' cannot be read (%s): expected the run's metrics; check its permissions."
              .formatted(path, SafeFiles.reason(e)),
          e);
    }
  }
}
