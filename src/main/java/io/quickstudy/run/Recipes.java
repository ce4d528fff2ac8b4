package io.quickstudy.run;

import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.data.image.FolderSplit;
import io.quickstudy.text.Names;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The defaults: for each learner on each data what its paper does, and on the built-in characters
 * the same cut to minutes.
 */
public final class Recipes {
  private static final double MAML_RATE_FEW_WAYS = 0.4;
  private static final double MAML_RATE_MANY_WAYS = 0.1;
  private static final double MAML_RATE_FOLDERS = 0.01;

  private Recipes() {}

  /**
   * A whole configuration from the values that were given.
   *
   * @param given texts by key; "data" may carry a folder behind a colon
   * @throws ConfigException if a value is wrong
   */
  public static RunConfig complete(Map<String, String> given) {
    Map<String, String> g = normalise(given);
    LearnerName learner =
        g.containsKey("learner")
            ? (LearnerName) value("learner", g)
            : "sinusoid".equals(g.get("data")) ? LearnerName.MAML : LearnerName.PROTONET;
    DataName data = g.containsKey("data") ? (DataName) value("data", g) : DataName.GLYPHS;
    Map<String, String> all = new LinkedHashMap<>(defaults(learner, data, g));
    all.put("learner", learner.toString());
    all.put("data", data.toString());
    all.putAll(g);
    return ConfigKeys.parse(all);
  }

  /**
   * Splits "omniglot:DIR" into data and data-dir, and knows the plural of sinusoid.
   *
   * @throws ConfigException if a key is unknown
   */
  public static Map<String, String> normalise(Map<String, String> given) {
    Map<String, String> g = new LinkedHashMap<>();
    given.forEach(
        (k, v) -> {
          if (!ConfigKeys.names().contains(k)) {
            throw new ConfigException(Names.unknown("option", k, ConfigKeys.names()));
          }
          int colon = k.equals("data") ? v.indexOf(':') : -1;
          g.put(k, colon < 0 ? v.trim() : v.substring(0, colon).trim());
          if (colon >= 0) {
            g.put("data-dir", v.substring(colon + 1).trim());
          }
        });
    if (g.getOrDefault("data", "").equals("sinusoids")) {
      g.put("data", "sinusoid");
    }
    return g;
  }

  /** The defaults of a learner on data, given what was asked for. */
  static Map<String, String> defaults(
      LearnerName learner, DataName data, Map<String, String> given) {
    Map<String, String> d = new LinkedHashMap<>(common());
    d.put("split", split(learner, data, given));
    switch (learner) {
      case MAML, FOMAML -> {
        if (data.images()) {
          mamlOnImages(d, learner, data, given);
        } else {
          mamlOnSinusoids(d, given);
        }
      }
      case PROTONET -> protonet(d, data, given);
      case LSTM -> lstm(d, data);
    }
    if (data == DataName.FOLDER) {
      onFolders(d, learner, given);
    }
    adjust(d, given);
    return d;
  }

  /** The split that a learner's paper uses; of a folder, what lies in it says. */
  static String split(LearnerName learner, DataName data, Map<String, String> given) {
    return switch (data) {
      case SINUSOID -> "none";
      case GLYPHS -> "heldout";
      case OMNIGLOT -> learner == LearnerName.PROTONET ? "vinyals" : "random";
      case FOLDER -> FolderSplit.usual(given.getOrDefault("data-dir", ""));
    };
  }

  private static Map<String, String> common() {
    Map<String, String> d = new LinkedHashMap<>();
    put(d, "data-dir", "", "rotations", "none", "max-shift", "0", "size", "28");
    put(d, "channels", "1", "ink", "dark");
    put(d, "inner-steps", "0", "inner-rate", "0");
    put(d, "model", "conv", "filters", "64", "blocks", "4", "down", "pool", "head", "flatten");
    put(d, "hidden", "40,40", "batch-norm", "transductive");
    put(d, "weights", "", "weights-map", "");
    put(d, "optimiser", "adam", "rate", "0.001", "schedule", "constant");
    put(d, "rate-factor", "0.5", "rate-every", "2000", "rate-last", "0", "momentum", "0.9");
    put(d, "clip-norm", "0", "clip-value", "0");
    put(d, "eval-inner-steps", "0", "eval-episodes", "600", "val-episodes", "200");
    int cores = java.lang.Runtime.getRuntime().availableProcessors();
    put(d, "device", "auto", "precision", "fp32", "workers", Integer.toString(cores), "seed", "0");
    put(d, "memory-limit", MemoryLimit.UNLIMITED);
    return d;
  }

  /**
   * Finn et al. 2017, section 5.2 and appendix A.1. Their code's inner rate is for a loss that is
   * the ways times smaller. The first order stalls at that rate (66% after 6,000 steps of 5 ways),
   * and does not at the plain one (92% after 1,600). They take 60,000 steps at a constant rate; a
   * third of them along a cosine reach more.
   */
  private static void mamlOnImages(
      Map<String, String> d, LearnerName learner, DataName data, Map<String, String> given) {
    int ways = (Integer) value("ways", "5", given);
    boolean few = ways <= 10;
    double rate = few ? MAML_RATE_FEW_WAYS : MAML_RATE_MANY_WAYS;
    if (learner == LearnerName.MAML) {
      rate *= ways;
    }
    put(d, "rotations", "per-class", "ways", "5", "shots", "1");
    put(d, "inner-steps", few ? "1" : "5", "eval-inner-steps", few ? "3" : "5");
    put(d, "inner-rate", ConfigKeys.format(rate), "meta-batch", few ? "32" : "16");
    put(d, "down", "stride", "head", "mean");
    d.put("queries", given.getOrDefault("shots", d.get("shots")));
    if (data == DataName.OMNIGLOT) {
      put(d, "steps", "20000", "schedule", "cosine");
    } else {
      put(d, "steps", "2000", "meta-batch", few ? "16" : "8");
    }
  }

  /** Finn et al. 2017, section 5.1. */
  private static void mamlOnSinusoids(Map<String, String> d, Map<String, String> given) {
    put(d, "ways", "1", "shots", "10", "meta-batch", "25", "model", "mlp", "batch-norm", "none");
    put(d, "inner-steps", "1", "eval-inner-steps", "10", "inner-rate", "0.01");
    put(d, "queries", given.getOrDefault("shots", d.get("shots")), "eval-queries", "100");
    put(d, "steps", "70000");
  }

  /**
   * Snell et al. 2017, section 3.1 and the official code, which halves the rate every 2,000
   * episodes until validation stops it; here a cosine does.
   */
  private static void protonet(Map<String, String> d, DataName data, Map<String, String> given) {
    put(d, "rotations", "classes", "ways", "60", "shots", "1", "queries", "5", "meta-batch", "1");
    put(d, "batch-norm", "running", "schedule", "cosine");
    put(d, "eval-ways", given.getOrDefault("ways", "5"), "eval-queries", "15");
    if (data == DataName.OMNIGLOT) {
      put(d, "steps", "9000", "eval-episodes", "1000");
    } else {
      put(d, "ways", "20", "steps", "1000", "rate", "0.004");
    }
  }

  /** Santoro et al. 2016, sections 4.1 and 4.2. */
  private static void lstm(Map<String, String> d, DataName data) {
    put(d, "rotations", "classes", "max-shift", "2", "size", "20");
    put(d, "ways", "5", "shots", "10", "queries", "0", "meta-batch", "16");
    put(d, "model", "lstm", "hidden", "200", "batch-norm", "none");
    // the paper's RMSProp at 1e-4 was at 32% after 20,000 steps, where this is at 75%
    put(d, "optimiser", "adam", "rate", "0.001", "clip-norm", "10");
    if (data == DataName.OMNIGLOT) {
      put(d, "schedule", "cosine", "steps", "40000");
    } else {
      put(d, "rate", "0.003", "steps", "6000");
    }
  }

  /**
   * What the papers do on mini-ImageNet, 84x84 pixels in colour. Finn et al. 2017, section 5.2 and
   * appendix A.1: 32 filters, pooling, 15 queries, 5 inner steps at 0.01 (for a loss that is the
   * ways times smaller) and 10 in the test, 4 tasks of 1 shot and 2 of more, gradients clipped at
   * 10 as in their code; a third of their 60,000 steps along a cosine, as on Omniglot. Snell et al.
   * 2017, section 3.2: 64 filters, 15 queries; they train on 30 ways for 1 shot and on 20 for 5,
   * which own data seldom has, so it is 5 until --ways says more.
   */
  private static void onFolders(
      Map<String, String> d, LearnerName learner, Map<String, String> given) {
    put(d, "channels", "3", "ink", "bright", "rotations", "none", "ways", "5");
    if (learner == LearnerName.LSTM) {
      return; // small images, as they are its input
    }
    put(d, "size", "84", "queries", "15", "eval-queries", "15", "eval-episodes", "600");
    if (learner == LearnerName.PROTONET) {
      put(d, "rate", "0.001", "steps", "10000");
      return;
    }
    int ways = (Integer) value("ways", "5", given);
    int shots = (Integer) value("shots", "1", given);
    put(d, "filters", "32", "down", "pool", "head", "flatten");
    put(d, "inner-steps", "5", "eval-inner-steps", "10");
    put(d, "inner-rate", ConfigKeys.format(MAML_RATE_FOLDERS * ways));
    put(d, "meta-batch", shots == 1 ? "4" : "2", "steps", "20000", "schedule", "cosine");
    d.put("clip-value", given.containsKey("clip-norm") ? "0" : "10");
  }

  /** What follows from other values, given ones among them. */
  private static void adjust(Map<String, String> d, Map<String, String> given) {
    if ("mlp".equals(given.get("model"))) {
      d.put("batch-norm", "none");
    }
    for (String key : new String[] {"ways", "shots", "queries"}) {
      d.putIfAbsent("eval-" + key, given.getOrDefault(key, d.get(key)));
    }
    if (given.containsKey("inner-steps")) {
      int trained = (Integer) value("inner-steps", given);
      int usual = Integer.parseInt(d.get("eval-inner-steps"));
      d.put("eval-inner-steps", Integer.toString(Math.max(trained, usual)));
    }
    int steps = (Integer) value("steps", d.get("steps"), given);
    d.put("checkpoint-every", Integer.toString(Math.clamp(steps / 10, 1, 1000)));
    d.put("eval-every", Integer.toString(Math.max(1, steps / 5)));
    d.put("log-every", Integer.toString(Math.clamp(steps / 200, 1, 100)));
  }

  private static Object value(String key, Map<String, String> given) {
    return value(key, null, given);
  }

  private static Object value(String key, String otherwise, Map<String, String> given) {
    String text = given.getOrDefault(key, otherwise);
    for (ConfigKeys.Key k : ConfigKeys.all()) {
      if (k.name().equals(key)) {
        return ConfigKeys.parse(k, text);
      }
    }
    throw new IllegalStateException("no key " + key);
  }

  private static void put(Map<String, String> d, String... pairs) {
    for (int i = 0; i < pairs.length; i += 2) {
      d.put(pairs[i], pairs[i + 1]);
    }
  }
}
