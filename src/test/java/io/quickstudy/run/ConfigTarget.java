package io.quickstudy.run;

import io.quickstudy.fuzz.Target;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A configuration as YAML: one that is taken is written into a run, and the same comes back. */
public final class ConfigTarget implements Target {
  @Override
  public void parse(byte[] input) {
    RunConfig config = Recipes.complete(ConfigFile.parse("c.yaml", input));
    byte[] written = ConfigFile.bytes(config);
    RunConfig again = RunKeys.parse(ConfigFile.parse("again.yaml", written));
    Map<String, String> texts = RunKeys.texts(config);
    if (!RunKeys.texts(again).equals(texts)) {
      throw new AssertionError(texts + " became " + RunKeys.texts(again));
    }
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (String learner : List.of("maml", "fomaml", "protonet", "lstm")) {
      seeds.add(ConfigFile.bytes(Recipes.complete(Map.of("learner", learner))));
    }
    for (String text :
        List.of(
            "",
            "version: 1\ndata: sinusoid\nhidden: [40, 40]\nrate: 1e-3\n",
            "{\"data\": \"folder:x\", \"split\": \"files:y\", \"ways\": 0x5, \"shots\": 1_0}",
            "data: omniglot\ndata-dir: |-\n  a b\nweights: \"\\u00e9\"\nmemory-limit: 4.5G\n",
            """
            %YAML 1.1
            ---
            seed: !!int '7'
            model: &a mlp
            data: omniglot
            data-dir: 'null'
            ...
            """,
            "? ways\n: 5 # five\n? \"shots\"\n: 5\nclip-norm: 1.5\nschedule: cosine\n")) {
      seeds.add(text.getBytes(StandardCharsets.UTF_8));
    }
    return seeds;
  }

  @Override
  public List<byte[]> extremes() {
    String longest = "x".repeat((1 << 20) - 100);
    String long1 = "x".repeat(1 << 18);
    String digits = "9".repeat(1 << 19);
    List<byte[]> all = new ArrayList<>();
    for (String text :
        List.of(
            "ways: '" + digits + "'",
            "ways: " + digits,
            "ways: 1e999999999\n",
            "rate: 1e-999999999\n",
            "rate-factor: 1e999\n",
            "hidden: [" + "1,".repeat(1 << 18) + "]",
            "learner: " + longest,
            "split: " + long1,
            "data-dir: " + long1,
            "memory-limit: " + long1.replace('x', '1') + "G",
            long1 + ": 5",
            "version: " + long1.replace('x', '1'),
            "version: '" + long1 + "'",
            "data-dir: \"a\\nb\"",
            "data-dir: \"a\\x7f\\u2028b\"",
            "[".repeat(1 << 19),
            "{a: ".repeat(1 << 18),
            "? ".repeat(1 << 18),
            "- ".repeat(1 << 18),
            "&a ".repeat(1 << 18),
            "a: &a [x]\n" + "b: *a\n".repeat(1 << 16),
            "#" + long1,
            "\"" + "\\".repeat(1 << 18))) {
      all.add(text.getBytes(StandardCharsets.UTF_8));
    }
    return all;
  }
}
