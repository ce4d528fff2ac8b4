package io.quickstudy.functions;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.List;

/** Activations of the output, losses and scores. */
public final class Losses {
  private Losses() {}

  /** max(x, 0); its slope at 0 is 0. */
  public static Tensor relu(Tensor x) {
    return maximum(x, scalar(0));
  }

  /** log softmax over the last axis, shifted by the largest element so that nothing overflows. */
  public static Tensor logSoftmax(Tensor z) {
    List<Integer> last = List.of(z.rank() - 1);
    Tensor shifted = sub(z, broadcast(stop(max(z, last)), z.shape(), last));
    return sub(shifted, broadcast(log(sum(exp(shifted), last)), z.shape(), last));
  }

  /** Softmax over the last axis. */
  public static Tensor softmax(Tensor z) {
    return exp(logSoftmax(z));
  }

  /** -log p(label), averaged: logits [n, classes], I32 labels [n]; a scalar. */
  public static Tensor crossEntropy(Tensor logits, Tensor labels) {
    if (logits.rank() != 2 || labels.dtype() != DType.I32 || labels.rank() != 1) {
      throw new IllegalArgumentException(
          "cross-entropy: logits "
              + logits.shape()
              + ", labels "
              + labels.dtype()
              + labels.shape()
              + "; expected [n, classes] and I32 [n]");
    }
    Tensor picked = mul(oneHot(labels, logits.dim(1)), logSoftmax(logits));
    return scale(sum(picked), -1.0 / logits.dim(0));
  }

  /** Mean squared error; a scalar. */
  public static Tensor meanSquaredError(Tensor prediction, Tensor target) {
    if (!prediction.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          "mean squared error: prediction "
              + prediction.shape()
              + ", target "
              + target.shape()
              + "; the shapes must agree");
    }
    Tensor d = sub(prediction, target);
    return mean(mul(d, d));
  }

  /** 1 where the largest logit is the label's, else 0: [n, classes], I32 [n] to F32 [n]. */
  public static Tensor correct(Tensor logits, Tensor labels) {
    return equal(convert(argMax(logits), DType.F32), convert(labels, DType.F32));
  }

  /** The fraction of correct answers; a scalar. */
  public static Tensor accuracy(Tensor logits, Tensor labels) {
    return mean(correct(logits, labels));
  }

  /** The mean of each class: z [n, d], I32 labels [n] to [classes, d]; each class must occur. */
  public static Tensor classMeans(Tensor z, Tensor labels, int classes) {
    Tensor member = oneHot(labels, classes);
    Tensor totals = dot(t(member), z);
    Tensor counts = sum(member, List.of(0));
    Shape s = totals.shape();
    return div(totals, broadcast(counts, s, List.of(1)));
  }
}
