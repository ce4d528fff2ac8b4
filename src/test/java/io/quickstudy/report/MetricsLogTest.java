package io.quickstudy.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines of metrics as runs leave them, and as they should not be. */
class MetricsLogTest {
  private static final String WHOLE =
      """
      {"step":0,"device":"cpu","memory_bytes":1024,"tasks":4,"tasks_at_once":2,"memory_workers":2,"repeated_steps":0}
      {"step":5,"loss":1.5,"accuracy":0.5,"rate":0.01,"steps_per_second":10.0,"seconds":0.5}
      {"step":5,"split_part":"val","episodes":20,"metric":"accuracy","value":0.6,"ci95":0.01,"seconds":1}
      {"step":10,"loss":1.0,"accuracy":0.7,"rate":0.01,"steps_per_second":10.0,"seconds":1.0}
      {"step":10,"split_part":"test","episodes":50,"metric":"accuracy","value":0.8,"ci95":0.02,"seconds":1}
      """;

  @Test
  void everyKindOfLineIsRead() {
    MetricsLog log = MetricsLog.parse(WHOLE);
    assertEquals(0, log.unread());
    assertEquals(List.of(5, 10), log.training().stream().map(MetricsLog.Trained::step).toList());
    assertEquals(0.7, log.training().get(1).accuracy());
    assertEquals(
        List.of(new MetricsLog.Measured(5, "accuracy", 0.6, 0.01, 20, Double.NaN, Double.NaN)),
        log.validation());
    assertEquals(0.8, log.test().get(0).value());
    assertEquals(List.of(new MetricsLog.Planned(0, "cpu", 1024, 4, 2, 2, 0)), log.sessions());
  }

  @Test
  void atAnyLengthTheWholeLinesAreRead() {
    for (int n = 0; n <= WHOLE.length(); n++) {
      String torn = WHOLE.substring(0, n);
      MetricsLog log = MetricsLog.parse(torn);
      int read =
          log.training().size()
              + log.validation().size()
              + log.test().size()
              + log.sessions().size();
      long lines = torn.lines().filter(l -> l.endsWith("}")).count();
      assertEquals(lines, read, torn);
      assertEquals(torn.lines().count() - lines, log.unread());
    }
  }

  @Test
  void whatIsNoLineOfMetricsIsCountedAndLeftOut() {
    String odd =
        """
        []
        7
        "text"
        {"loss":1}
        {"step":-3,"loss":1}
        {"step":1e99,"loss":1}
        {"step":"5","loss":1}
        {"step":3
        \0\0\0

        """;
    MetricsLog log = MetricsLog.parse(odd);
    assertEquals(List.of(), log.training());
    assertEquals(9, log.unread());
  }

  @Test
  void numbersThatAreNoneAreNone() {
    MetricsLog log =
        MetricsLog.parse(
            "{\"step\":1,\"loss\":\"NaN\",\"rate\":null,\"accuracy\":1e999,\"seconds\":{}}\n");
    MetricsLog.Trained t = log.training().get(0);
    for (double v : new double[] {t.loss(), t.rate(), t.accuracy(), t.seconds()}) {
      assertTrue(Double.isNaN(v), () -> "read " + v);
    }
    assertEquals(
        0, Series.of("s", Series.Look.LINE, 0, new double[] {1}, new double[] {t.loss()}).size());
  }

  @Test
  void ofTwoLinesAboutAStepTheLaterCounts() {
    MetricsLog log =
        MetricsLog.parse(
            "{\"step\":9,\"loss\":1}\n{\"step\":5,\"loss\":2}\n{\"step\":9,\"loss\":3}\n");
    assertEquals(List.of(2.0, 3.0), log.training().stream().map(MetricsLog.Trained::loss).toList());
  }
}
