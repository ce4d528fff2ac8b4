package io.quickstudy.check;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.BatchLearner;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.PairLearner;
import io.quickstudy.learner.SequenceLearner;
import io.quickstudy.learner.SignalLearner;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The tasks that a learner is checked on: their kind and the types of their tensors. Labels are 0,
 * 1, ..., ways - 1 in turn, or -1 where there is none, all other numbers uniform in [-1, 1).
 */
public sealed interface TaskShape {
  /**
   * Labelled examples to learn from and to predict.
   *
   * @param ways classes, at least 2
   * @param shots support examples of each class, at least 1
   * @param queries query examples of each class, at least 1
   * @param unlabelled support examples behind these, whose label is -1
   * @param example the shape of one, such as [height, width, channels]
   */
  record Episode(int ways, int shots, int queries, int unlabelled, Shape example)
      implements TaskShape {
    /** Without unlabelled examples. */
    public Episode(int ways, int shots, int queries, Shape example) {
      this(ways, shots, queries, 0, example);
    }

    /** The same with unlabelled examples. */
    public Episode withUnlabelled(int examples) {
      return new Episode(ways, shots, queries, examples, example);
    }

    /** Checks the counts. */
    public Episode {
      atLeast(0, "unlabelled examples", unlabelled);
      atLeast(2, "ways", ways);
      atLeast(1, "shots", shots);
      atLeast(1, "queries", queries);
    }

    @Override
    public Params parts() {
      return new Task(
              labelled(ways * shots + unlabelled, example), labelled(ways * queries, example))
          .pack();
    }

    @Override
    public Shape outputs(Learner learner) {
      int support = learner instanceof SequenceLearner ? ways * shots + unlabelled : 0;
      return Shape.of(support + ways * queries, ways);
    }

    @Override
    public int label(String part, int i, int n) {
      boolean unknown = part.equals("support.y") && i % n >= ways * shots;
      return unknown ? -1 : TaskShape.super.label(part, i, n);
    }

    @Override
    public String toString() {
      return "%s-way %s-shot episodes of %s%s"
          .formatted(
              ways,
              shots,
              times(example),
              unlabelled == 0 ? "" : " with %s unlabelled".formatted(unlabelled));
    }
  }

  /**
   * Descriptions of classes to learn from, and examples to predict.
   *
   * @param ways classes, at least 2
   * @param attributes numbers of a description, at least 1
   * @param queries query examples of each class, at least 1
   * @param example the shape of one
   */
  record Described(int ways, int attributes, int queries, Shape example) implements TaskShape {
    /** Checks the counts. */
    public Described {
      atLeast(2, "ways", ways);
      atLeast(1, "attributes", attributes);
      atLeast(1, "queries", queries);
    }

    @Override
    public Params parts() {
      return new Task(labelled(ways, Shape.of(attributes)), labelled(ways * queries, example))
          .pack();
    }

    @Override
    public Shape outputs(Learner learner) {
      return Shape.of(ways * queries, ways);
    }

    @Override
    public String toString() {
      return "%s-way tasks of %s by %s attributes".formatted(ways, times(example), attributes);
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
      return "sequences of %s examples of %s in %s classes".formatted(length, times(example), ways);
    }
  }

  /**
   * Bits over time, for a {@link SignalLearner}: here any numbers, and what is asked for is a
   * weight.
   *
   * @param length steps, at least 1
   * @param in numbers seen at a step, at least 1
   * @param out numbers answered, at least 1
   */
  record Signal(int length, int in, int out) implements TaskShape {
    /** Checks the counts. */
    public Signal {
      atLeast(1, "length", length);
      atLeast(1, "in", in);
      atLeast(1, "out", out);
    }

    @Override
    public Params parts() {
      return new io.quickstudy.task.Signal(
              argument(DType.F32, Shape.of(length, in)),
              argument(DType.F32, Shape.of(length, out)),
              argument(DType.F32, Shape.of(length)))
          .pack();
    }

    @Override
    public int ways() {
      return 1;
    }

    @Override
    public Shape outputs(Learner learner) {
      return Shape.of(length, out);
    }

    @Override
    public String toString() {
      return "signals of %s steps".formatted(length);
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
      return "functions with %s points to learn from".formatted(support);
    }
  }

  /**
   * Pairs of examples, for a {@link io.quickstudy.learner.PairLearner}.
   *
   * @param count pairs, at least 1
   * @param example the shape of one example
   */
  record Pairs(int count, Shape example) implements TaskShape {
    /** Checks the count. */
    public Pairs {
      atLeast(1, "pairs", count);
    }

    @Override
    public Params parts() {
      Tensor same = argument(DType.I32, Shape.of(count));
      Shape s = example.prepend(count);
      return new io.quickstudy.task.Pairs(argument(DType.F32, s), argument(DType.F32, s), same)
          .pack();
    }

    @Override
    public int ways() {
      return 2;
    }

    @Override
    public Shape outputs(Learner learner) {
      return Shape.of(count, 2);
    }

    @Override
    public String toString() {
      return "%s pairs of %s".formatted(count, times(example));
    }
  }

  /**
   * Examples of all training classes, for a {@link io.quickstudy.learner.BatchLearner}.
   *
   * @param ways all classes, at least 2
   * @param count examples, at least 1
   * @param example the shape of one
   */
  record Labelled(int ways, int count, Shape example) implements TaskShape {
    /** Checks the counts. */
    public Labelled {
      atLeast(2, "ways", ways);
      atLeast(1, "examples", count);
    }

    @Override
    public Params parts() {
      Batch b = labelled(count, example);
      return Params.of("x", b.x(), "y", b.y());
    }

    @Override
    public Shape outputs(Learner learner) {
      return Shape.of(count, ways);
    }

    @Override
    public String toString() {
      return "batches of %s examples of %s in %s classes".formatted(count, times(example), ways);
    }
  }

  /** Pairs of examples of a shape. */
  static TaskShape pairs(int count, int... example) {
    return new Pairs(count, Shape.of(example));
  }

  /** Labelled examples of a shape. */
  static TaskShape batch(int ways, int count, int... example) {
    return new Labelled(ways, count, Shape.of(example));
  }

  /** Classification of support and query examples of a shape, such as 8, 8, 1 for grey images. */
  static TaskShape episode(int ways, int shots, int queries, int... example) {
    return new Episode(ways, shots, queries, Shape.of(example));
  }

  /** Classification of examples of a shape by descriptions of so many numbers. */
  static TaskShape described(int ways, int attributes, int queries, int... example) {
    return new Described(ways, attributes, queries, Shape.of(example));
  }

  /** Classification of examples that arrive one after the other. */
  static TaskShape sequence(int ways, int length, int... example) {
    return new Sequence(ways, length, Shape.of(example));
  }

  /** Bits over time, to be answered with bits. */
  static TaskShape signal(int length, int in, int out) {
    return new Signal(length, in, out);
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
   * The i-th label of a part of tasks.
   *
   * @param part its name, as in {@link #parts}
   * @param i over all tasks
   * @param n labels of one task
   */
  default int label(String part, int i, int n) {
    return i % n % ways();
  }

  /**
   * The shape that a learner's outputs must have. A {@link SequenceLearner} answers the support set
   * as well.
   */
  Shape outputs(Learner learner);

  /** What a learner says of one such task. */
  default Learner.Outcome outcome(Learner learner, Params theta, Params parts) {
    Drawn drawn =
        switch (this) {
          case Episode e -> Task.unpack(parts);
          case Described d -> Task.unpack(parts);
          case Points p -> Task.unpack(parts);
          case Sequence s -> io.quickstudy.task.Sequence.unpack(parts);
          case Signal s -> io.quickstudy.task.Signal.unpack(parts);
          case Pairs p -> io.quickstudy.task.Pairs.unpack(parts);
          case Labelled l -> new Batch(parts.get("x"), parts.get("y"));
        };
    boolean takes =
        switch (drawn) {
          case Task t -> true;
          case io.quickstudy.task.Sequence s -> learner instanceof SequenceLearner;
          case io.quickstudy.task.Signal s -> learner instanceof SignalLearner;
          case io.quickstudy.task.Pairs p -> learner instanceof PairLearner;
          case Batch b -> learner instanceof BatchLearner;
        };
    if (!takes) {
      throw new CheckException(
          "Learner %s takes no %s: expected a %s; check it on TaskShape.episode."
              .formatted(
                  learner.getClass().getSimpleName(),
                  switch (drawn) {
                    case io.quickstudy.task.Sequence s -> "sequences";
                    case io.quickstudy.task.Signal s -> "signals";
                    case io.quickstudy.task.Pairs p -> "pairs";
                    default -> "batches";
                  },
                  switch (drawn) {
                    case io.quickstudy.task.Sequence s -> "SequenceLearner";
                    case io.quickstudy.task.Signal s -> "SignalLearner";
                    case io.quickstudy.task.Pairs p -> "PairLearner";
                    default -> "BatchLearner";
                  }));
    }
    return learner.loss(theta, drawn);
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
          "Tasks with %s %s: expected a number of at least %s; change it."
              .formatted(name, value, least));
    }
  }
}
