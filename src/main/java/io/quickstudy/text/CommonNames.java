package io.quickstudy.text;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the field's other programs call things, by what they are called here. */
final class CommonNames {
  private static final Map<String, List<String>> OURS = new LinkedHashMap<>();

  static {
    ours("rate", "lr learning-rate meta-lr outer-lr meta-rate outer-rate alpha beta step-size");
    ours("inner-rate", "inner-lr inner-learning-rate fast-lr update-lr task-lr base-lr alpha");
    ours("inner-steps", "inner-iters adaptation-steps num-inner-steps update-steps fast-steps");
    ours("inner-steps", "num-updates inner-updates");
    ours("steps", "epochs epoch num-epochs iterations iters num-iterations max-steps num-steps");
    ours("steps", "meta-iterations train-steps episodes num-episodes train-episodes");
    ours("episodes", "tasks num-tasks num-episodes test-episodes eval-tasks eval-episodes");
    ours("eval-episodes", "episodes num-episodes test-episodes eval-tasks test-tasks");
    ours("ways", "n n-way nway n-ways num-ways way train-way num-classes classes n-classes");
    ours("shots", "k k-shot kshot k-shots num-shots shot n-shot n-support support k-spt");
    ours("queries", "q n-query num-queries query query-shots n-queries num-query k-qry");
    ours("meta-batch", "batch-size batch tasks num-tasks meta-batch-size tasks-per-batch bs b");
    ours("device", "gpu gpus cuda gpu-id use-cuda no-cuda accelerator cpu");
    ours("cuda", "gpu nvidia");
    ours("workers", "num-workers threads jobs num-threads j cores");
    ours("out", "output output-dir out-dir logdir log-dir save-dir run-dir exp-name o save");
    ours("resume", "continue restart");
    ours("data", "dataset data-set data-dir data-path data-root root images");
    ours("query", "queries test input images");
    ours("support", "train examples shots");
    ours("learner", "algorithm algo method meta-learner");
    ours("model", "arch architecture backbone network net encoder");
    ours("size", "image-size img-size imgsz resolution input-size");
    ours("seed", "random-seed random-state manual-seed");
    ours("optimiser", "optimizer optim opt");
    ours("checkpoint-every", "save-every checkpoint-interval save-interval save-freq");
    ours("eval-every", "val-every validate-every eval-interval val-interval eval-freq");
    ours("log-every", "log-interval print-every log-freq print-freq");
    ours("precision", "fp16 amp tf32 fp32 dtype half");
    ours("filters", "num-filters channels-out hid-dim width hidden-channels");
    ours("hidden", "hidden-size hidden-dim hidden-units units");
    ours("blocks", "depth num-layers layers num-blocks");
    ours("batch-norm", "bn norm batchnorm normalization normalisation");
    ours("normalise", "normalize standardize standardise normalization normalisation mean-std");
    ours("clip-norm", "grad-clip clip clip-grad max-grad-norm gradient-clip");
    ours("weights", "pretrained init-from load checkpoint ckpt load-from");
    ours("split-part", "part test-set");
    ours("tensorboard", "tb tensorboard-dir");
    ours("config", "cfg config-file recipe");
    ours("onnx", "format to-onnx");
    ours("min-confidence", "threshold confidence");
    ours("memory-limit", "memory max-memory mem");
    ours("down", "pool pooling stride");
    ours("debug", "verbose v stacktrace");
  }

  private CommonNames() {}

  private static void ours(String name, String theirs) {
    for (String word : theirs.split(" ", -1)) {
      OURS.computeIfAbsent(word, w -> new java.util.ArrayList<>()).add(name);
    }
  }

  /**
   * The candidate that a common name means.
   *
   * @param name as it was typed, perhaps with dashes before it
   * @param candidates as they are, with dashes before them or not
   */
  static Optional<String> of(String name, Collection<String> candidates) {
    List<String> meant = OURS.getOrDefault(bare(name), List.of());
    return meant.stream()
        .flatMap(m -> candidates.stream().filter(c -> bare(c).equals(m)))
        .findFirst();
  }

  /** Without dashes at its beginning, in small letters, its words apart by dashes. */
  static String bare(String name) {
    return name.replaceFirst("^-+", "").replace('_', '-').toLowerCase(Locale.ROOT);
  }
}
