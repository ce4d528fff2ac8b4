package io.quickstudy.report;

import io.quickstudy.fuzz.Target;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.train.EvalSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Metrics as the report reads and draws them. */
public final class MetricsTarget implements Target {
  private final List<RunConfig> runs =
      Stream.of("glyphs", "sinusoid").map(d -> Recipes.complete(Map.of("data", d))).toList();

  @Override
  public void parse(byte[] input) {
    MetricsLog log = MetricsLog.parse(new String(input, StandardCharsets.UTF_8));
    RunConfig run = runs.get(input.length % runs.size()); // to be fast, one of both
    ReportedRun subject =
        new ReportedRun(run, run, Path.of("run"), 7, "step 7", false, "cpu", Optional.empty());
    TestOutcome outcome = new TestOutcome.Failed(EvalSpec.test(run), "It failed.");
    String head = Headline.section(subject, log, outcome).toString();
    String html = TrainingSection.section(subject, log, outcome).toString();
    if (head.isEmpty() || html.contains("NaN") || html.contains("Infinity")) {
      throw new AssertionError(html);
    }
  }

  @Override
  public List<byte[]> seeds() {
    return bytes(
        "",
        """
        {"step":0,"device":"cpu","memory_bytes":1024,"tasks":4,"tasks_at_once":2,"memory_workers":2,"repeated_steps":0}
        {"step":5,"loss":1.5,"accuracy":0.5,"rate":0.01,"steps_per_second":10.0,"seconds":0.5}
        {"step":5,"split_part":"val","episodes":20,"metric":"accuracy","value":0.6,"ci95":0.01,"seconds":1}
        {"step":10,"loss":1.0,"accuracy":0.7,"rate":0.01,"steps_per_second":10.0,"seconds":1.0}
        {"step":10,"split_part":"test","episodes":50,"metric":"accuracy","value":0.8,"ci95":0.02,"seconds":1}
        """,
        """
        {"step":1,"loss":1e-9,"rate":-1}
        {"step":2,"loss":"NaN","accuracy":null,"rate":0.1}
        {"step":3,"loss":1000000}
        {"step":2,"memory_bytes":7}
        {"step":3,"memory_bytes":7}
        {"step":3,"split_part":"val","metric":"mse","value":1e-12,"ci95":1e-13}
        {"step":4
        """);
  }

  @Override
  public List<byte[]> extremes() {
    return both(
        "{\"step\":1,\"loss\":1e17}\n{\"step\":2,\"loss\":100000000000000016}\n",
        "{\"step\":1,\"loss\":1e308}\n{\"step\":2,\"loss\":-1e308}\n",
        "{\"step\":1,\"loss\":1e308}\n{\"step\":2,\"loss\":1e-308}\n",
        "{\"step\":1,\"loss\":1}\n{\"step\":2,\"loss\":5e-324}\n",
        "{\"step\":2147483647,\"loss\":1}\n",
        "{\"step\":2147483647,\"split_part\":\"val\",\"value\":1,\"ci95\":1e308}\n",
        "{\"step\":1,\"memory_bytes\":1}\n".repeat(20_000),
        steps(20_000),
        "[".repeat(1 << 20));
  }

  /** Each in two lengths, since that decides what is drawn. */
  private static List<byte[]> both(String... texts) {
    return bytes(Stream.of(texts).flatMap(t -> Stream.of(t, t + " ")).toArray(String[]::new));
  }

  private static String steps(int n) {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < n; i++) {
      s.append("{\"step\":%s,\"loss\":%s}\n".formatted(i, i % 7));
    }
    return s.toString();
  }

  private static List<byte[]> bytes(String... texts) {
    return Stream.of(texts).map(t -> t.getBytes(StandardCharsets.UTF_8)).toList();
  }
}
