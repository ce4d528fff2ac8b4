package io.quickstudy.graph;

import static io.quickstudy.graph.Ops.*;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Ops that move numbers without changing them; they take every kind of number. */
public sealed interface Layout extends Op {

  /** The same numbers in row-major order under another shape. */
  record Reshape(Shape to) implements Layout {
    @Override
    public Type infer(List<Tensor> x) {
      if (x.get(0).shape().size() != to.size()) {
        throw new IllegalArgumentException(
            "reshape: " + x.get(0).shape() + " to " + to + "; the sizes must agree");
      }
      return new Type(to, x.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      return List.of(reshape(g, x.get(0).shape()));
    }

    @Override
    public Tensor batch(Mapped x) {
      return reshape(x.get(0), to.prepend(x.n()));
    }
  }

  /** Axis i of the result is axis perm[i] of the input. */
  record Transpose(List<Integer> perm) implements Layout {
    @Override
    public Type infer(List<Tensor> x) {
      Shape s = x.get(0).shape();
      if (!perm.stream().sorted().toList().equals(IntStream.range(0, s.rank()).boxed().toList())) {
        throw new IllegalArgumentException(
            "transpose: " + perm + " of shape " + s + "; expected a permutation of its axes");
      }
      return new Type(Shape.of(perm.stream().map(s::dim).toList()), x.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      Integer[] back = new Integer[perm.size()];
      for (int i = 0; i < back.length; i++) {
        back[perm.get(i)] = i;
      }
      return List.of(transpose(g, List.of(back)));
    }

    @Override
    public Tensor batch(Mapped x) {
      List<Integer> p = new ArrayList<>(List.of(0));
      p.addAll(Reduction.shift(perm));
      return transpose(x.get(0), p);
    }
  }

  /** Repeats the input along new axes of the shape {@code to}: the transpose of a sum. */
  record Broadcast(Shape to, List<Integer> axes) implements Layout {
    @Override
    public Type infer(List<Tensor> x) {
      boolean ascending =
          axes.equals(IntStream.range(0, to.rank()).filter(axes::contains).boxed().toList());
      if (!ascending || !to.without(axes).equals(x.get(0).shape())) {
        throw new IllegalArgumentException(
            "broadcast: " + x.get(0).shape() + " cannot fill " + to + " along new axes " + axes);
      }
      return new Type(to, x.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      return List.of(sum(g, axes));
    }

    @Override
    public Tensor batch(Mapped x) {
      return broadcast(x.get(0), to.prepend(x.n()), Reduction.shift(axes));
    }
  }

  /** Elements start, start + step, ... below limit along every axis. */
  record Slice(List<Integer> starts, List<Integer> limits, List<Integer> steps) implements Layout {
    @Override
    public Type infer(List<Tensor> x) {
      Shape s = x.get(0).shape();
      int[] d = new int[s.rank()];
      if (starts.size() != d.length || limits.size() != d.length || steps.size() != d.length) {
        throw new IllegalArgumentException(this + " of shape " + s + ": give one entry per axis");
      }
      for (int i = 0; i < d.length; i++) {
        if (starts.get(i) < 0
            || starts.get(i) >= limits.get(i)
            || limits.get(i) > s.dim(i)
            || steps.get(i) < 1) {
          throw new IllegalArgumentException(
              this + " of shape " + s + ": expected 0 <= start < limit <= extent and step >= 1");
        }
        d[i] = (limits.get(i) - starts.get(i) + steps.get(i) - 1) / steps.get(i);
      }
      return new Type(Shape.of(d), x.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      Shape s = x.get(0).shape();
      List<Integer> high = new ArrayList<>();
      List<Integer> interior = new ArrayList<>();
      for (int i = 0; i < s.rank(); i++) {
        high.add(s.dim(i) - (starts.get(i) + (y.dim(i) - 1) * steps.get(i) + 1));
        interior.add(steps.get(i) - 1);
      }
      return List.of(Tensor.of(new Pad(starts, List.copyOf(high), List.copyOf(interior)), g));
    }

    @Override
    public Tensor batch(Mapped x) {
      return Tensor.of(new Slice(lead(0, starts), lead(x.n(), limits), lead(1, steps)), x.values());
    }
  }

  /** Zeros before, after and (interior of them) between the elements of every axis. */
  record Pad(List<Integer> low, List<Integer> high, List<Integer> interior) implements Layout {
    @Override
    public Type infer(List<Tensor> x) {
      Shape s = x.get(0).shape();
      int[] d = new int[s.rank()];
      if (low.size() != d.length || high.size() != d.length || interior.size() != d.length) {
        throw new IllegalArgumentException(this + " of shape " + s + ": give one entry per axis");
      }
      for (int i = 0; i < d.length; i++) {
        if (low.get(i) < 0 || high.get(i) < 0 || interior.get(i) < 0) {
          throw new IllegalArgumentException(
              this + " of shape " + s + ": padding must not be negative; use a slice to cut");
        }
        d[i] = low.get(i) + high.get(i) + (s.dim(i) - 1) * (interior.get(i) + 1) + 1;
      }
      return new Type(Shape.of(d), x.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      List<Integer> limits = new ArrayList<>();
      List<Integer> steps = new ArrayList<>();
      for (int i = 0; i < low.size(); i++) {
        limits.add(y.dim(i) - high.get(i));
        steps.add(interior.get(i) + 1);
      }
      return List.of(Tensor.of(new Slice(low, List.copyOf(limits), List.copyOf(steps)), g));
    }

    @Override
    public Tensor batch(Mapped x) {
      return Tensor.of(new Pad(lead(0, low), lead(0, high), lead(0, interior)), x.values());
    }
  }

  /** The inputs one behind the other along one axis. */
  record Concatenate(int axis) implements Layout {
    @Override
    public Type infer(List<Tensor> x) {
      Shape first = x.get(0).shape();
      if (first.axis(axis) != axis) {
        throw new IllegalArgumentException(this + ": an axis of an op counts from 0");
      }
      int total = 0;
      for (Tensor t : x) {
        if (t.rank() != first.rank()
            || t.dtype() != x.get(0).dtype()
            || !t.shape().with(axis, 1).equals(first.with(axis, 1))) {
          throw new IllegalArgumentException(
              "concatenate along axis "
                  + axis
                  + ": the other axes must agree, got "
                  + x.stream().map(Tensor::shape).toList());
        }
        total += t.dim(axis);
      }
      return new Type(first.with(axis, total), x.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      Tensor[] parts = new Tensor[x.size()];
      int at = 0;
      for (int i = 0; i < parts.length; i++) {
        int next = at + x.get(i).dim(axis);
        parts[i] = slice(g, axis, at, next);
        at = next;
      }
      return Arrays.asList(parts);
    }

    @Override
    public Tensor batch(Mapped x) {
      return Tensor.of(new Concatenate(axis + 1), x.full());
    }
  }

  private static List<Integer> lead(int first, List<Integer> rest) {
    List<Integer> l = new ArrayList<>(List.of(first));
    l.addAll(rest);
    return List.copyOf(l);
  }
}
