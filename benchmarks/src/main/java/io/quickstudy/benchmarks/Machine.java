package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The machine and what is on it.
 *
 * @param peak GFLOP/s of multiply-adds in registers by number of threads
 */
record Machine(Map<Integer, Double> peak) {
  private static final String PEAK = "quickstudy.benchmarks.peak";
  private static final String COMMIT = "quickstudy.benchmarks.commit";
  private static final String CLEARED = "quickstudy.cleared.OPENBLAS_CORETYPE";

  /** Measures the peak, with native/peak.cpp as {@code run} compiled it. */
  static Machine measure(int threads) {
    String program = System.getProperty(PEAK);
    if (program == null) {
      throw new BenchmarkException(
          "The program that measures the peak is not named: start this with benchmarks/run.");
    }
    Map<Integer, Double> peak = new LinkedHashMap<>();
    try {
      Process p = new ProcessBuilder(program, Integer.toString(threads)).start();
      String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      out.lines()
          .map(l -> l.split(" "))
          .forEach(l -> peak.put(Integer.parseInt(l[0]), Double.parseDouble(l[1])));
    } catch (IOException e) {
      throw new BenchmarkException(
          "Program '%s' does not start: %s.".formatted(program, e.getMessage()), e);
    }
    return new Machine(peak);
  }

  /** The peak with so many threads. */
  double peak(int threads) {
    return peak.getOrDefault(threads, Double.NaN);
  }

  /** What every record begins with. */
  static ObjectNode describe(String command) {
    ObjectNode m = new ObjectMapper().createObjectNode();
    m.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    m.put("command", command);
    m.put("commit", System.getProperty(COMMIT, "unknown"));
    m.put("processor", line("/proc/cpuinfo", "model name"));
    m.put("cores", Runtime.getRuntime().availableProcessors());
    m.put("memory", line("/proc/meminfo", "MemTotal"));
    m.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    m.put(
        "java", System.getProperty("java.version") + ", " + System.getProperty("java.vm.version"));
    String coretype = System.getProperty(CLEARED);
    m.put("openblas_coretype", coretype == null ? "not set" : "was " + coretype + ", cleared");
    m.put("quickstudy_kernels", System.getenv().getOrDefault("QUICKSTUDY_KERNELS", "not set"));
    return m;
  }

  private static String line(String file, String key) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(l -> l.startsWith(key))
          .map(l -> l.substring(l.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown"; // no Linux
    }
  }
}
