package io.quickstudy.benchmarks;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How long to measure, and where to record it. */
final class PaceOptions {
  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "turns of each side (default: ${DEFAULT-VALUE})")
  private int rounds = 9;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "length of a turn, at least one step (default: ${DEFAULT-VALUE})")
  private double seconds = 0.5;

  @Option(names = "--json", paramLabel = "FILE", description = "where to record all of it")
  private Path json;

  /** How long. */
  Pace pace() {
    return new Pace(rounds, seconds);
  }

  /** Where to record it. */
  Optional<Path> json() {
    return Optional.ofNullable(json);
  }
}
