package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** What a random function has computed so far, and draws from that: any shape from any tensor. */
final class RandomPool {
  private static final int MOST_RANK = 4;
  private static final int TRIES = 8;
  private static final int[] EXTENTS = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 20, 25, 32, 33, 64, 65, 100, 128, 256, 300, 512, 1024,
    2048
  };

  /** Small functions have extents up to 8. */
  private static final int SMALL = 100;

  final SplittableRandom random;

  /** Elements of a tensor. */
  final int most;

  private final List<Tensor> all = new ArrayList<>();

  RandomPool(SplittableRandom random, int most) {
    this.random = random;
    this.most = most;
  }

  /** Takes a tensor, some of it where it is too large. */
  void add(Tensor t) {
    all.add(t.shape().size() > most ? fit(t, shape(random, most)) : t);
  }

  /** An extent up to a bound. */
  static int extent(SplittableRandom r, int most) {
    int n = 0;
    while (n < EXTENTS.length && EXTENTS[n] <= (most > SMALL ? most : Math.min(most, 8))) {
      n++;
    }
    return EXTENTS[r.nextInt(n)];
  }

  /** A shape of at most so many elements. */
  static Shape shape(SplittableRandom r, int most) {
    List<Integer> d = new ArrayList<>();
    int left = most;
    int rank = r.nextInt(MOST_RANK + 1);
    for (int i = 0; i < rank; i++) {
      int e = extent(r, left);
      d.add(r.nextInt(i + 1), e);
      left /= e;
    }
    return shape(d);
  }

  static Shape shape(List<Integer> dims) {
    return Shape.of(dims.stream().mapToInt(i -> i).toArray());
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** From one number to another, both among them. */
  int within(int least, int last) {
    return random.nextInt(least, last + 1);
  }

  /** One time in so many. */
  boolean one(int in) {
    return random.nextInt(in) == 0;
  }

  /** The newest. */
  Tensor last() {
    return all.get(all.size() - 1);
  }

  /** Any, what came last more often. */
  Tensor any() {
    int n = all.size();
    return all.get(random.nextBoolean() ? below(n) : n - 1 - below(Math.min(n, 3)));
  }

  /** One with so many axes at least. */
  Tensor ranked(int least) {
    for (int i = 0; i < TRIES; i++) {
      Tensor t = any();
      if (t.rank() >= least) {
        return t;
      }
    }
    return fit(any(), shape(IntStream.range(0, least).mapToObj(i -> extent(random, 8)).toList()));
  }

  /** Numbers in a shape. */
  Tensor any(int... dims) {
    return fit(any(), Shape.of(dims));
  }

  /** A tensor's numbers in another shape, some of them or again and again. */
  Tensor fit(Tensor t, Shape to) {
    if (t.shape().equals(to)) {
      return t;
    }
    int have = t.shape().size();
    int want = to.size();
    Tensor flat = reshape(t, Shape.of(have));
    if (have < want) {
      int times = (want + have - 1) / have;
      flat = reshape(repeat(flat, times), Shape.of(times * have));
      have *= times;
    }
    if (have > want) {
      int from = below(have - want + 1);
      flat = slice(flat, 0, from, from + want);
    }
    return reshape(flat, to);
  }

  /** Two that fit each other, the second perhaps repeated along axes of the first. */
  List<Tensor> pair() {
    Tensor a = any();
    List<Integer> d = new ArrayList<>();
    for (int i = below(a.rank() + 1); i > 0; i--) {
      d.add(one(3) ? 1 : a.dim(-i));
    }
    Tensor b = any();
    Tensor fits = b.shape().equals(a.shape()) ? b : fit(b, shape(d));
    return random.nextBoolean() ? List.of(a, fits) : List.of(fits, a);
  }

  List<Integer> permutation(int n) {
    List<Integer> p = new ArrayList<>(IntStream.range(0, n).boxed().toList());
    for (int i = n - 1; i > 0; i--) {
      Collections.swap(p, i, below(i + 1));
    }
    return p;
  }

  /** Some axes of so many, ascending. */
  List<Integer> axes(int some, int rank) {
    return permutation(rank).subList(0, some).stream().sorted().toList();
  }

  /** One axis at least. */
  List<Integer> axes(Tensor a) {
    return axes(within(1, a.rank()), a.rank());
  }
}
