package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The random numbers of a step of training, for models that draw such: {@link Dropout}, {@link
 * DropBlock}. A training step traces each task {@link #during} them; nobody else does, so that a
 * model is a pure function wherever a run is measured, adapted, exported or checked. It is the one
 * thing that a pass depends on and that is not handed to it: learners then need not know of it.
 *
 * <p>All of it depends on the task's key and on the order of the draws alone: the same for any
 * number of workers, on every device, and where a run goes on. Each pass of an inner loop draws
 * numbers of its own.
 */
public final class TrainingNoise {
  private static final ThreadLocal<TrainingNoise> NOW = new ThreadLocal<>();
  private static final int KEYS = 64;
  private static final double WORDS = 1 << 24;

  private final Tensor step;
  private Tensor key;
  private Tensor keys;
  private int drawn;

  private TrainingNoise(Tensor key, Tensor step) {
    this.key = key;
    this.step = step;
  }

  /**
   * What a function traces of one task, with random numbers for the models in it.
   *
   * @param key of the task's random numbers, I32 [2]
   * @param step how many steps of training were done before, an F32 scalar
   */
  public static <R> R during(Tensor key, Tensor step, Supplier<R> traced) {
    TrainingNoise before = NOW.get();
    NOW.set(new TrainingNoise(key, step));
    try {
      return traced.get();
    } finally {
      if (before == null) {
        NOW.remove();
      } else {
        NOW.set(before);
      }
    }
  }

  /** What is drawn from now; nothing outside of training. */
  static Optional<TrainingNoise> now() {
    return Optional.ofNullable(NOW.get());
  }

  /** How many steps of training were done before this one, an F32 scalar. */
  Tensor step() {
    return step;
  }

  /** Uniform numbers in [0, 1) of a shape, others at each call. */
  Tensor uniform(Shape shape) {
    if (drawn % KEYS == 0) {
      key = drawn == 0 ? key : at(keys, 0, KEYS);
      // words of 24 random bits, which numbers of 32-bit floats hold exactly
      Tensor words = scale(uniform(key, Shape.of(KEYS + 1, 2)), WORDS);
      keys = convert(words, DType.I32);
    }
    return uniform(at(keys, 0, drawn++ % KEYS), shape);
  }

  private static Tensor uniform(Tensor key, Shape shape) {
    return io.quickstudy.graph.Ops.uniform(key, shape);
  }
}
