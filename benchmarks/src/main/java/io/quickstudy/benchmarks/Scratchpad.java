package io.quickstudy.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A temporary folder, through which the sides hand each other files. */
final class Scratchpad implements AutoCloseable {
  private final Path folder;

  Scratchpad() {
    try {
      folder = Files.createTempDirectory("quickstudy-benchmarks");
    } catch (IOException e) {
      throw new BenchmarkException("No temporary folder: %s.".formatted(e.getMessage()), e);
    }
  }

  /** A file in it. */
  Path file(String name) {
    return folder.resolve(name);
  }

  /** A case as a file. */
  Path write(CaseFile start, String name) {
    Path file = file(name);
    start.write(file);
    return file;
  }

  @Override
  public void close() {
    try (var files = Files.list(folder)) {
      for (Path f : files.toList()) {
        Files.delete(f);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new BenchmarkException(
          "Folder '%s' cannot be deleted: %s.".formatted(folder, e.getMessage()), e);
    }
  }
}
