package io.quickstudy.serve;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Counts requests and measures how long they took, by path and status, and says it as Prometheus
 * reads it (text format 0.0.4). For any number of threads.
 */
public final class Metrics {
  /** Of the text. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** Upper bounds of the histogram, in seconds. */
  private static final double[] BOUNDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };

  private static final double SECOND = 1e9;

  private record Key(String path, int status) implements Comparable<Key> {
    @Override
    public int compareTo(Key o) {
      int c = path.compareTo(o.path);
      return c == 0 ? Integer.compare(status, o.status) : c;
    }
  }

  /** Durations of a path. */
  private static final class Histogram {
    private final LongAdder[] counts = new LongAdder[BOUNDS.length + 1];
    private final LongAdder nanos = new LongAdder();

    Histogram() {
      for (int i = 0; i < counts.length; i++) {
        counts[i] = new LongAdder();
      }
    }

    void add(long duration) {
      int i = 0;
      while (i < BOUNDS.length && duration > BOUNDS[i] * SECOND) {
        i++;
      }
      counts[i].increment();
      nanos.add(duration);
    }
  }

  private final Map<Key, LongAdder> requests = new ConcurrentSkipListMap<>();
  private final Map<String, Histogram> durations = new ConcurrentSkipListMap<>();
  private final Map<String, LongSupplier> gauges = new ConcurrentSkipListMap<>();

  /**
   * Counts a request that was answered.
   *
   * @param path the part of its path that the service knows, not what a client made up
   * @param status of HTTP
   * @param nanos from its arrival to its answer
   */
  public void answered(String path, int status, long nanos) {
    requests.computeIfAbsent(new Key(path, status), k -> new LongAdder()).increment();
    durations.computeIfAbsent(path, k -> new Histogram()).add(nanos);
  }

  /**
   * Adds a value of the moment, such as how many wait.
   *
   * @param name of the metric, as {@code quickstudy_classifiers}
   */
  public void gauge(String name, LongSupplier value) {
    if (!name.matches("[a-zA-Z_:][a-zA-Z0-9_:]*")) {
      throw new IllegalArgumentException(
          "Metric '%s': expected letters, digits and '_'; rename it.".formatted(name));
    }
    gauges.put(name, value);
  }

  /** How many requests were answered with each status. */
  public Map<Integer, Long> byStatus() {
    Map<Integer, Long> m = new TreeMap<>();
    requests.forEach((k, n) -> m.merge(k.status(), n.sum(), Long::sum));
    return m;
  }

  /** All of it. */
  public String text() {
    StringBuilder b = new StringBuilder();
    b.append("# TYPE quickstudy_requests_total counter\n");
    requests.forEach(
        (k, n) ->
            b.append(
                "quickstudy_requests_total{path=\"%s\",status=\"%s\"} %s\n"
                    .formatted(escaped(k.path()), k.status(), n.sum())));
    b.append("# TYPE quickstudy_request_seconds histogram\n");
    durations.forEach((path, h) -> append(b, escaped(path), h));
    gauges.forEach(
        (name, value) ->
            b.append("# TYPE %s gauge\n%s %s\n".formatted(name, name, value.getAsLong())));
    return b.toString();
  }

  private static void append(StringBuilder b, String path, Histogram h) {
    long sum = 0;
    for (int i = 0; i <= BOUNDS.length; i++) {
      sum += h.counts[i].sum();
      String bound = i < BOUNDS.length ? Double.toString(BOUNDS[i]) : "+Inf";
      b.append(
          "quickstudy_request_seconds_bucket{path=\"%s\",le=\"%s\"} %s\n"
              .formatted(path, bound, sum));
    }
    b.append(
        String.format(
            Locale.ROOT,
            "quickstudy_request_seconds_sum{path=\"%s\"} %.6f\n",
            path,
            h.nanos.sum() / SECOND));
    b.append("quickstudy_request_seconds_count{path=\"%s\"} %s\n".formatted(path, sum));
  }

  private static String escaped(String label) {
    return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
