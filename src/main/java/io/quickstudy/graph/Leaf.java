package io.quickstudy.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Nodes without inputs, and random numbers, whose only input is their key. */
public sealed interface Leaf extends Op {

  /** A value given when the program runs. */
  record Argument(long id, String name, Type type) implements Leaf {
    @Override
    public Type infer(List<Tensor> x) {
      return type;
    }

    @Override
    public Tensor batch(Mapped x) {
      throw new IllegalStateException("argument " + name + " has no inputs to batch");
    }
  }

  /** The same number everywhere. */
  record Fill(double value, Type type) implements Leaf {
    @Override
    public Type infer(List<Tensor> x) {
      return type;
    }

    @Override
    public Tensor batch(Mapped x) {
      throw new IllegalStateException(this + " has no inputs to batch");
    }
  }

  /** Given numbers, row-major. For small tables; large data is an argument. */
  record Literal(Values values, Type type) implements Leaf {
    @Override
    public Type infer(List<Tensor> x) {
      if (values.numbers.length != type.shape().size()) {
        throw new IllegalArgumentException(
            "literal: "
                + values.numbers.length
                + " numbers for shape "
                + type.shape()
                + "; give one for each element");
      }
      if (type.dtype() != DType.F32) {
        double least = type.dtype() == DType.U8 ? 0 : Integer.MIN_VALUE;
        double most = type.dtype() == DType.U8 ? 255 : Integer.MAX_VALUE;
        for (double v : values.numbers) {
          if (!(v >= least && v <= most) || v != Math.rint(v)) {
            throw new IllegalArgumentException(
                String.format(
                    Locale.ROOT,
                    "literal: %s for %s%s; expected whole numbers from %.0f to %.0f: round it",
                    v,
                    type.dtype(),
                    type.shape(),
                    least,
                    most));
          }
        }
      }
      return type;
    }

    @Override
    public Tensor batch(Mapped x) {
      throw new IllegalStateException(this + " has no inputs to batch");
    }
  }

  /** The position along one axis, as an integer: result[..., i, ...] = i. */
  record Iota(Shape shape, int axis) implements Leaf {
    @Override
    public Type infer(List<Tensor> x) {
      if (shape.axis(axis) != axis) {
        throw new IllegalArgumentException(this + ": an axis of an op counts from 0");
      }
      return new Type(shape, DType.I32);
    }

    @Override
    public Tensor batch(Mapped x) {
      throw new IllegalStateException(this + " has no inputs to batch");
    }
  }

  /**
   * Uniform numbers in [0, 1), multiples of 2^-24, from the Philox4x32-10 generator (Salmon et al.
   * 2011). Input: I32 keys [B..., 2]; result F32 [B..., shape...]. Element j of key (k0, k1) is
   * word j mod 4 of the block with counter (j div 4, 0, 0, 0), its top 24 bits.
   */
  record Random(Shape shape) implements Leaf {
    @Override
    public Type infer(List<Tensor> x) {
      Tensor key = x.get(0);
      if (key.dtype() != DType.I32 || key.rank() < 1 || key.dim(-1) != 2) {
        throw new IllegalArgumentException(
            "random: key " + key.dtype() + key.shape() + "; expected I32 with a last axis of 2");
      }
      return new Type(key.shape().sub(0, key.rank() - 1).append(shape.dims()), DType.F32);
    }

    @Override
    public Tensor batch(Mapped x) {
      return Tensor.of(this, x.values());
    }
  }

  @Override
  default List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
    return x.isEmpty() ? List.of() : java.util.Collections.singletonList(null);
  }

  /** An array compared by its content. */
  final class Values {
    private final double[] numbers;
    private final int hash;

    /** Copies the numbers. */
    public Values(double... numbers) {
      this.numbers = numbers.clone();
      this.hash = Arrays.hashCode(numbers);
    }

    /** The numbers, a copy. */
    public double[] numbers() {
      return numbers.clone();
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Values v && Arrays.equals(numbers, v.numbers);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public String toString() {
      return numbers.length + " numbers";
    }
  }
}
