package io.quickstudy.learners.memory;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Setup;
import io.quickstudy.task.Labelling;
import io.quickstudy.task.TaskKind;

/**
 * What a network over time sees and answers, step by step.
 *
 * @param example the shape of one example, which is flattened
 * @param outputs classes, or bits of a signal
 * @param labelled whether the label of the example before stands beside an example
 * @param labels what such labels are
 */
public record Timeline(Shape example, int outputs, boolean labelled, Labelling labels) {
  /** With labels that are one-hot. */
  public Timeline(Shape example, int outputs, boolean labelled) {
    this(example, outputs, labelled, Labelling.ONE_HOT);
  }

  /** That of a setup: labelled, but for signals. */
  public static Timeline of(Setup s) {
    return new Timeline(s.example(), s.outputs(), s.tasks() != TaskKind.SIGNALS, s.labels());
  }

  /** Numbers that a step sees. */
  public int in() {
    return features() + (labelled ? out() : 0);
  }

  /** Numbers that a step answers with. */
  public int out() {
    return labels.width(outputs);
  }

  /** Logits of labels, or of bits, of what steps answer: [n, out] to [n, outputs]. */
  public Tensor logits(Tensor z) {
    return labels.logits(z);
  }

  private int features() {
    return example.size();
  }

  /** Examples [n, ...] as rows. */
  private Tensor flat(Tensor x) {
    return reshape(x, Shape.of(x.dim(0), features()));
  }

  /** (x_t, y_{t-1}), y as it is shown and zero before the first step: [n, in]. */
  public Tensor inputs(Tensor x, Tensor y) {
    int n = x.dim(0);
    Tensor previous = fill(0, Shape.of(1, out()));
    if (n > 1) {
      previous = concatenate(0, previous, slice(labels.shown(y, outputs), 0, 0, n - 1));
    }
    return concatenate(1, flat(x), previous);
  }

  /** (x, y) of examples that all come behind one label, as it is shown [out]: [n, in]. */
  public Tensor inputsBehind(Tensor label, Tensor x) {
    return concatenate(1, flat(x), repeat(label, x.dim(0)));
  }

  /** The last of the labels I32 [n], as it is shown: [out]. */
  public Tensor last(Tensor y) {
    return at(labels.shown(y, outputs), 0, y.dim(0) - 1);
  }
}
