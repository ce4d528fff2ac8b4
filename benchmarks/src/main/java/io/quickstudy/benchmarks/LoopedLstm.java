package io.quickstudy.benchmarks;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Lstm;
import io.quickstudy.nn.Norm;
import io.quickstudy.transform.Params;
import java.util.List;

/**
 * The loss of {@code lstm-sequence} on one sequence, with its time loop in a form of choice: an
 * LSTM sees each image beside the label before it, and classifies it.
 *
 * @param form of the loop
 */
record LoopedLstm(Form form) {
  /** A loop over time. */
  enum Form {
    /** One node, whose body is traced and compiled once. */
    SCAN,
    /** A graph of all steps, from a loop in Java. */
    UNROLLED
  }

  /** The mean cross-entropy over images x [n, ...] with labels I32 [n]. */
  Tensor loss(Params theta, Tensor x, Tensor labels) {
    Params head = theta.sub("classifier");
    Params p = theta.sub("lstm");
    int classes = head.get("bias").dim(0);
    int n = x.dim(0);
    Tensor known = oneHot(labels, classes);
    Tensor late = concatenate(0, fill(0, Shape.of(1, classes)), slice(known, 0, 0, n - 1));
    Tensor flat = reshape(x, Shape.of(n, x.shape().size() / n));
    Tensor steps = concatenate(1, flat, late);
    Lstm l = new Lstm(steps.dim(1), p.get("weight_hh").dim(0));
    Tensor h =
        switch (form) {
          case SCAN -> l.scan(p, steps, l.start()).h();
          case UNROLLED -> {
            List<Lstm.State> states = l.run(p, steps, l.start());
            yield stack(0, states.stream().map(Lstm.State::h).toList());
          }
        };
    Tensor logits = new Linear(l.hidden(), classes).apply(head, h, Norm.batch());
    return Losses.crossEntropy(logits, labels);
  }
}
