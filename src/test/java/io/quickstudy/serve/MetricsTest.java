package io.quickstudy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The text that Prometheus reads. */
class MetricsTest {
  @Test
  void countsAndTimes() {
    Metrics m = new Metrics();
    m.answered("/a", 200, 1_000_000); // 1 ms: at its bound, within it
    m.answered("/a", 200, 1_000_001);
    m.answered("/a\"\\", 413, 20_000_000_000L);
    m.gauge("quickstudy_classifiers", () -> 7);
    String text = m.text();
    for (String line :
        new String[] {
          "quickstudy_requests_total{path=\"/a\",status=\"200\"} 2",
          "quickstudy_requests_total{path=\"/a\\\"\\\\\",status=\"413\"} 1",
          "quickstudy_request_seconds_bucket{path=\"/a\",le=\"0.001\"} 1",
          "quickstudy_request_seconds_bucket{path=\"/a\",le=\"0.0025\"} 2",
          "quickstudy_request_seconds_bucket{path=\"/a\",le=\"+Inf\"} 2",
          "quickstudy_request_seconds_sum{path=\"/a\"} 0.002000",
          "quickstudy_request_seconds_count{path=\"/a\"} 2",
          "quickstudy_request_seconds_bucket{path=\"/a\\\"\\\\\",le=\"10.0\"} 0",
          "quickstudy_request_seconds_bucket{path=\"/a\\\"\\\\\",le=\"+Inf\"} 1",
          "# TYPE quickstudy_classifiers gauge",
          "quickstudy_classifiers 7"
        }) {
      assertTrue(("\n" + text).contains("\n" + line + "\n"), line + " in\n" + text);
    }
    assertEquals("{200=2, 413=1}", m.byStatus().toString());
    assertThrows(IllegalArgumentException.class, () -> m.gauge("a b", () -> 1));
  }
}
