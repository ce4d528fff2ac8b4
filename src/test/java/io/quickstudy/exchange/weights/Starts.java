package io.quickstudy.exchange.weights;

import io.quickstudy.backend.Precision;
import io.quickstudy.learner.Learner;
import io.quickstudy.nn.Init;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Components;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs that begin with weights, and a published backbone. */
final class Starts {
  static final String TWO_BLOCKS = "--size 12 --blocks 2 --filters 4 ";
  static final int FILTERS = 4;
  static final String MAP_OF_BLOCKS =
      "conv{i}.weight: encoder.{i-1}.0.weight\nnorm{i}.{part}: encoder.{i-1}.1.{part}\n";
  static final String QUOTED =
      "conv{i}.weight: '{i-1}.0.weight'\nnorm{i}.{part}: '{i-1}.1.{part}'\n";

  private Starts() {}

  static RunConfig config(String options) {
    Map<String, String> given = new LinkedHashMap<>();
    String[] words = options.trim().split(" +", -1);
    for (int i = 0; i < words.length; i += 2) {
      given.put(words[i].substring(2), words[i + 1]);
    }
    return Recipes.complete(given);
  }

  /** Parameters as they are drawn, behind the prefix they have in a state. */
  static Map<String, Array> drawn(RunConfig c) {
    Learner learner = Components.trained(c, 1);
    Map<String, Array> state = new LinkedHashMap<>();
    try (Engine engine = Engine.open("cpu", 1, Precision.FP32)) {
      engine
          .evaluate(learner.init(new Init(1)))
          .forEach(
              (n, a) -> {
                if (Components.keeps(learner, n)) {
                  state.put(Checkpoint.THETA + n, a);
                }
              });
    }
    return state;
  }

  /** A run with these options that begins with weights. */
  static RunConfig from(String options, Path weights, Path map) {
    String names = map == null ? "" : " --weights-map " + map;
    return config(options + " --weights " + weights + names);
  }

  /** Two blocks as published: Sequential(Conv2d, BatchNorm2d, ReLU, MaxPool2d) twice. */
  static TorchModule encoder(String prefix, boolean bias) {
    return new TorchModule()
        .block(prefix + "0.0", prefix + "0.1", 1, FILTERS, bias)
        .block(prefix + "1.0", prefix + "1.1", FILTERS, FILTERS, bias);
  }
}
