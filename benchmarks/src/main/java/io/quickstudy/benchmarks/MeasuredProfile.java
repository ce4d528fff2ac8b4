package io.quickstudy.benchmarks;

import io.quickstudy.backend.cuda.CudaCost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code profile} printed on a GPU: microseconds of each kernel, waited for. */
final class MeasuredProfile {
  private static final Pattern LINE = Pattern.compile(" *([0-9.]+) us +[0-9.]+% +(.*)");

  /** The longest first, as they are printed. */
  private final Map<String, Deque<Double>> left = new LinkedHashMap<>();

  private MeasuredProfile() {}

  /** None. */
  static MeasuredProfile none() {
    return new MeasuredProfile();
  }

  /**
   * That of one workload among those of a file.
   *
   * @throws BenchmarkException if there is none
   */
  static MeasuredProfile of(Path file, Workload workload) {
    MeasuredProfile p = new MeasuredProfile();
    boolean own = false;
    try {
      for (String line : Files.readAllLines(file)) {
        Matcher m = LINE.matcher(line);
        if (!m.matches()) {
          own = line.startsWith(workload + ":") || own && line.isBlank();
        } else if (own) {
          p.left
              .computeIfAbsent(m.group(2), k -> new ArrayDeque<>())
              .add(Double.valueOf(m.group(1)));
        }
      }
    } catch (IOException e) {
      throw new BenchmarkException(
          "Profile '" + file + "' cannot be read: expected what 'run profile' printed; check it.", e);
    }
    if (p.left.isEmpty()) {
      throw new BenchmarkException(
          "Profile '%s' has no lines of '%s': expected what 'run profile' printed of it; choose another."
              .formatted(file, workload));
    }
    return p;
  }

  /** Of a step; of several of one name the longest first, each once. */
  Optional<Double> take(CudaCost c) {
    Deque<Double> of = left.get(c.what());
    return of == null || of.isEmpty() ? Optional.empty() : Optional.of(of.poll());
  }

  /** Microseconds of what no step was named like. */
  double rest() {
    return left.values().stream().flatMap(Deque::stream).mapToDouble(v -> v).sum();
  }
}
