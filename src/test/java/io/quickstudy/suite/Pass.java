package io.quickstudy.suite;

import io.quickstudy.graph.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** A rewriting of graphs that must preserve their values. */
public record Pass(String name, UnaryOperator<List<Tensor>> rewrite) {
  @Override
  public String toString() {
    return name;
  }
}
