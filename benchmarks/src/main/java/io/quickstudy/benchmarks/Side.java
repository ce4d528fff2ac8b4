package io.quickstudy.benchmarks;

import java.util.Map;

/** One side of a comparison, with its parameters and episodes in place. */
interface Side extends AutoCloseable {
  /** Computes one step; all of it is done on return. */
  void run();

  /** What the last step computed: "loss" and "grad.NAME", or "logits", in Quickstudy's layouts. */
  Map<String, Values> results();

  /** What it is made of, by name. */
  Map<String, String> versions();

  @Override
  void close();
}
