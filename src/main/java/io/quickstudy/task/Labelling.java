package io.quickstudy.task;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What the labels of a sequence are (Santoro et al. 2016, section 4.1). */
public enum Labelling {
  /** A class is one of as many numbers as there are classes, which are shown one-hot. */
  ONE_HOT,
  /**
   * A class is a string of five letters, each of five, drawn at random for every sequence: one of
   * 3,125, written as a number in base 5. A letter is shown one-hot, and is answered on its own.
   */
  STRINGS;

  /** Letters of a string. */
  public static final int LENGTH = 5;

  /** Letters of the alphabet. */
  public static final int LETTERS = 5;

  private static final int ALL = 3125; // LETTERS to the power of LENGTH

  /** The labels that there are for tasks of so many classes. */
  public int outputs(int ways) {
    return this == ONE_HOT ? ways : ALL;
  }

  /** The numbers that show a label, of so many. */
  public int width(int outputs) {
    return this == ONE_HOT ? outputs : LENGTH * LETTERS;
  }

  /** Labels I32 [n] as they are shown: [n, width]. */
  public Tensor shown(Tensor labels, int outputs) {
    if (this == ONE_HOT) {
      return oneHot(labels, outputs);
    }
    Tensor rest = convert(checked(labels, outputs), DType.F32);
    List<Tensor> letters = new ArrayList<>();
    for (int j = 0; j < LENGTH; j++) {
      // a half more: what is a whole number stays one, however it is rounded
      Tensor above = floor(scale(add(rest, scalar(0.5)), 1.0 / LETTERS));
      letters.addFirst(oneHot(convert(sub(rest, scale(above, LETTERS)), DType.I32), LETTERS));
      rest = above;
    }
    return concatenate(1, letters);
  }

  /**
   * Logits of labels, of those of what shows them: [n, width] to [n, outputs]. That of a string is
   * the sum of its letters', so that its probability is their product.
   */
  public Tensor logits(Tensor z) {
    if (this == ONE_HOT) {
      return z;
    }
    int n = z.dim(0);
    Tensor sum = slice(z, 1, 0, LETTERS);
    for (int j = 1; j < LENGTH; j++) {
      Shape longer = Shape.of(n, sum.dim(1), LETTERS);
      Tensor next = slice(z, 1, j * LETTERS, (j + 1) * LETTERS);
      Tensor all = add(broadcast(sum, longer, List.of(2)), broadcast(next, longer, List.of(1)));
      sum = reshape(all, Shape.of(n, longer.dim(1) * LETTERS));
    }
    return sum;
  }
}
