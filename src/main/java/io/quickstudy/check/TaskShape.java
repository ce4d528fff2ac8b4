package io.quickstudy.check;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learners.Learner;
import io.quickstudy.learners.SequenceLearner;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The tasks that a learner is checked on: their kind and the types of their tensors. Labels are 0,
 * 1, ..., ways - 1 in turn, all other numbers uniform in [-1, 1).
 */
public sealed interface TaskShape {
  /**
   * Labelled examples to learn from and to predict.
   *
   * @param ways classes, at least 2
   * @param shots support examples of each class, at least 1
   * @param queries query examples of each class, at least 1
   * @param example the shape of one, such as [height, width, channels]
   */
  record Episode(int ways, int shots, int queries, Shape example) implements TaskShape {
    /** Checks the counts. */
    public Episode {
      atLeast(2, "ways", ways);
      atLeast(1, "shots", shots);
      atLeast(1, "queries", queries);
    }

    @Override
    public Params parts() {
      return new Task(labelled(ways * shots, example), labelled(ways * queries, example)).pack();
    }

    @Override
    public Shape outputs(Learner learner) {
      int support = learner instanceof SequenceLearner ? ways * shots : 0;
      return Shape.of(support + ways * queries, ways);
    }

    @Override
    public String toString() {
      return "%d-way %d-shot episodes of %s".formatted(ways, shots, times(example));
    }
  }

  /**
   * Labelled examples one after the other, for a {@link SequenceLearner}.
   *
   * @param ways classes, at least 2
   * @param length examples, at least 1
   * @param example the shape of one
   */
  record Sequence(int ways, int length, Shape example) implements TaskShape {
    /** Checks the counts. */
    public Sequence {
      atLeast(2, "ways", ways);
      atLeast(1, "length", length);
    }

    @Override
    public Params parts() {
      Batch all = labelled(length, example);
      return new io.quickstudy.task.Sequence(all.x(), all.y()).pack();
    }

    @Override
    public Shape outputs(Learner learner) {
      return Shape.of(length, ways);
    }

    @Override
    public String toString() {
      return "sequences of %d examples of %s in %d classes".formatted(length, times(example), ways);
    }
  }

  /**
   * Points of a function, for regression.
   *
   * @param support points to learn from, at least 1
   * @param queries points to predict, at least 1
   * @param in numbers of a point, at least 1
   * @param out numbers of a value, at least 1
   */
  record Points(int support, int queries, int in, int out) implements TaskShape {
    /** Checks the counts. */
    public Points {
      atLeast(1, "support", support);
      atLeast(1, "queries", queries);
      atLeast(1, "in", in);
      atLeast(1, "out", out);
    }

    @Override
    public Params parts() {
      return new Task(values(support), values(queries)).pack();
    }

    private Batch values(int n) {
      return new Batch(argument(DType.F32, Shape.of(n, in)), argument(DType.F32, Shape.of(n, out)));
    }

    @Override
    public int ways() {
      return 1;
    }

    @Override
    public Shape outputs(Learner learner) {
      return Shape.of(queries, out);
    }

    @Override
    public String toString() {
      return "functions with %d points to learn from".formatted(support);
    }
  }

  /** Classification of support and query examples of a shape, such as 8, 8, 1 for grey images. */
  static TaskShape episode(int ways, int shots, int queries, int... example) {
    return new Episode(ways, shots, queries, Shape.of(example));
  }

  /** Classification of examples that arrive one after the other. */
  static TaskShape sequence(int ways, int length, int... example) {
    return new Sequence(ways, length, Shape.of(example));
  }

  /** Regression from vectors of so many numbers to vectors of so many. */
  static TaskShape points(int support, int queries, int in, int out) {
    return new Points(support, queries, in, out);
  }

  /** Placeholders for one task, packed as {@link Task} and {@link io.quickstudy.task.Sequence}. */
  Params parts();

  /** Classes; 1 where there are none. */
  int ways();

  /**
   * The shape that a learner's outputs must have. A {@link SequenceLearner} answers the support set
   * as well.
   */
  Shape outputs(Learner learner);

  /** What a learner says of one such task. */
  default Learner.Outcome outcome(Learner learner, Params theta, Params parts) {
    if (!(this instanceof Sequence)) {
      return learner.loss(theta, Task.unpack(parts));
    }
    if (!(learner instanceof SequenceLearner s)) {
      throw new CheckException(
          "Learner %s takes no sequences: expected a SequenceLearner; check it on TaskShape.episode."
              .formatted(learner.getClass().getSimpleName()));
    }
    return s.loss(theta, io.quickstudy.task.Sequence.unpack(parts));
  }

  private static Batch labelled(int n, Shape example) {
    return new Batch(argument(DType.F32, example.prepend(n)), argument(DType.I32, Shape.of(n)));
  }

  private static Tensor argument(DType dtype, Shape shape) {
    return Tensor.argument("part", dtype, shape);
  }

  private static String times(Shape example) {
    return example.rank() == 0
        ? "numbers"
        : Arrays.stream(example.dims())
            .mapToObj(Integer::toString)
            .collect(Collectors.joining("x"));
  }

  private static void atLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(
          "Tasks with %s %d: expected a number of at least %d; change it."
              .formatted(name, value, least));
    }
  }
}
