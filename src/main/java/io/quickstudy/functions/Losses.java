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

  /**
   * -log p(label), averaged: logits [n, classes], I32 labels [n]; a scalar. A label that is no
   * class stops the run with an error, as {@link io.quickstudy.graph.Ops#checked} says.
   */
  public static Tensor crossEntropy(Tensor logits, Tensor labels) {
    if (logits.rank() != 2) {
      throw new IllegalArgumentException(
          "cross-entropy: logits %s: expected [n, classes]; reshape them."
              .formatted(logits.shape()));
    }
    checkLabels("cross-entropy", logits, labels);
    Tensor picked = mul(oneHot(labels, logits.dim(1)), logSoftmax(logits));
    return scale(sum(picked), -1.0 / logits.dim(0));
  }

  /** That there is one I32 label for each row of classes. */
  private static void checkLabels(String what, Tensor logits, Tensor labels) {
    if (logits.rank() < 1
        || labels.dtype() != DType.I32
        || !labels.shape().equals(logits.shape().sub(0, logits.rank() - 1))) {
      throw new IllegalArgumentException(
          "%s: %s with labels %s%s: expected [n, ...] and I32[n]; give one label for each row."
              .formatted(what, logits.shape(), labels.dtype(), labels.shape()));
    }
  }

  /**
   * -log p of bits under independent logits z, averaged over the bits of the rows that count: a
   * scalar. It is log(1 + e^z) - z y.
   *
   * @param logits z [n, bits]
   * @param bits y, F32 [n, bits] of 0 and 1
   * @param counts 1 for a row that counts, else 0: F32 [n], at least one 1
   */
  public static Tensor binaryCrossEntropy(Tensor logits, Tensor bits, Tensor counts) {
    if (logits.rank() != 2
        || !bits.shape().equals(logits.shape())
        || !counts.shape().equals(logits.shape().sub(0, 1))) {
      throw new IllegalArgumentException(
          "binary cross-entropy: logits %s, bits %s, counts %s: expected [n, bits] twice and [n]; reshape them."
              .formatted(logits.shape(), bits.shape(), counts.shape()));
    }
    Tensor each = sub(Activations.softplus(logits), mul(logits, bits));
    Tensor rows = mul(sum(each, List.of(1)), counts);
    return div(sum(rows), scale(sum(counts), logits.dim(1)));
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

  /**
   * 1 where the largest logit is the label's, else 0: [n, classes], I32 [n] to F32 [n]. A label
   * that is no class stops the run with an error.
   */
  public static Tensor correct(Tensor logits, Tensor labels) {
    checkLabels("correct", logits, labels);
    Tensor known = checked(labels, logits.dim(-1));
    return equal(convert(argMax(logits), DType.F32), convert(known, DType.F32));
  }

  /** The fraction of correct answers; a scalar. */
  public static Tensor accuracy(Tensor logits, Tensor labels) {
    return mean(correct(logits, labels));
  }

  /**
   * The mean of each class: z [n, d], I32 labels [n] to [classes, d]. Each class must occur, or its
   * mean is no number; a label that is no class stops the run with an error.
   */
  public static Tensor classMeans(Tensor z, Tensor labels, int classes) {
    if (z.rank() != 2) {
      throw new IllegalArgumentException(
          "class means: z %s: expected [n, d]; reshape it.".formatted(z.shape()));
    }
    checkLabels("class means", z, labels);
    Tensor member = oneHot(labels, classes);
    Tensor totals = dot(t(member), z);
    Tensor counts = sum(member, List.of(0));
    Shape s = totals.shape();
    return div(totals, broadcast(counts, s, List.of(1)));
  }

  /**
   * Rows of zeros with one 1, and of zeros alone where the label is -1, which says that there is
   * none: I32 [n] to F32 [n, classes]. A label that is neither stops the run with an error.
   */
  public static Tensor memberships(Tensor labels, int classes) {
    Tensor from1 = convert(add(convert(labels, DType.F32), scalar(1)), DType.I32);
    return slice(oneHot(from1, classes + 1), labels.rank(), 1, classes + 1);
  }
}
