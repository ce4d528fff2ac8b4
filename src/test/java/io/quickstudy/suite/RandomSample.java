package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Distances;
import io.quickstudy.functions.LinearAlgebra;
import io.quickstudy.functions.Losses;
import io.quickstudy.functions.Normalisation;
import io.quickstudy.functions.Reductions;
import io.quickstudy.functions.Sorting;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Scan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * A function that nobody wrote: ops drawn by a seed, each of what came before, so that transforms,
 * planners and kernels meet neighbours that no learner has. Numbers stay near 1.
 */
public final class RandomSample {
  /** What functions are made of. */
  public enum Kind {
    /** Every derivative is continuous, so that differences check gradients. */
    SMOOTH(150),
    /** Steps, masks, choices and integers too. */
    ANY(150),
    /** The same with extents that fill vectors, blocks and slices. */
    LARGE(6000);

    private final int most;

    Kind(int most) {
      this.most = most;
    }
  }

  private static final int FROM = Integer.getInteger("quickstudy.random.from", 0);
  private static final int TIMES = Integer.getInteger("quickstudy.random.times", 1);
  private static final Map<String, Boolean> TAME = new ConcurrentHashMap<>();
  private static final int SMOOTH_OPS = 20;
  private static final int OPS = 26;
  private static final int MOST_STEPS = 15;
  private static final int[] CHANNELS = {1, 2, 3, 4, 8};

  private final Kind kind;
  private final RandomPool pool;
  private final Tensor index;
  private final Tensor key;

  private RandomSample(Kind kind, long seed, Params p) {
    this.kind = kind;
    this.pool = new RandomPool(new SplittableRandom(seed), kind.most);
    this.index = p.get("k");
    this.key = p.get("key");
    p.names().stream()
        .sorted() // under vmap they come in another order
        .map(p::get)
        .filter(t -> t.dtype() != DType.I32)
        .forEach(t -> pool.add(t.dtype() == DType.U8 ? bytes(t) : t));
  }

  private static Tensor bytes(Tensor t) {
    return scale(convert(t, DType.F32), 1.0 / 128);
  }

  /**
   * So many, or as often as many as {@code quickstudy.random.times} says, from the seed {@code
   * quickstudy.random.from} on.
   */
  static List<Sample> some(Kind kind, int count) {
    return IntStream.range(FROM, FROM + TIMES * count).mapToObj(seed -> of(kind, seed)).toList();
  }

  /**
   * Those among them that 32-bit floats can compute at all: they neither cancel so much nor jump so
   * near to one of their numbers that roundings decide.
   */
  public static List<Sample> tame(Kind kind, int count) {
    return some(kind, count).stream().filter(RandomSample::isTame).toList();
  }

  private static boolean isTame(Sample s) {
    return TAME.computeIfAbsent(
        s.name(),
        k -> {
          try {
            CandidateCheck.check(Suite.rounded(), s, Close.FLOAT / 2);
            return true;
          } catch (AssertionError e) {
            return false;
          }
        });
  }

  /** The sample of a seed. */
  public static Sample of(Kind kind, long seed) {
    SplittableRandom r = new SplittableRandom(~seed);
    Sample s =
        Sample.of(
                "random %s %s".formatted(kind, seed),
                Op.class,
                p -> new RandomSample(kind, seed, p).result())
            .order(kind == Kind.SMOOTH ? 2 : 0);
    int arguments = r.nextInt(1, 4);
    for (int i = 0; i < arguments; i++) {
      s = s.arg("x" + i, RandomPool.shape(r, kind.most), Draw.any());
    }
    s = s.given("k", DType.I32, Shape.of(r.nextInt(1, 7)), Draw.below(2));
    s = s.given("key", DType.I32, Shape.of(2), Draw.words());
    return r.nextInt(4) == 0 ? s.given("b", DType.U8, RandomPool.shape(r, 40), Draw.below(256)) : s;
  }

  private Tensor result() {
    for (int i = pool.within(2, MOST_STEPS); i > 0; i--) {
      pool.add(op());
    }
    List<Tensor> flat = new ArrayList<>(List.of(pool.last()));
    for (int i = pool.below(3); i > 0; i--) {
      flat.add(pool.any());
    }
    return flat.size() == 1
        ? flat.get(0)
        : concatenate(0, flat.stream().map(t -> reshape(t, Shape.of(t.shape().size()))).toList());
  }

  private Tensor op() {
    return switch (pool.below(kind == Kind.SMOOTH ? SMOOTH_OPS : OPS)) {
      case 0, 1, 2 -> ofOne(pool.any());
      case 3, 4, 5 -> ofTwo(pool.pair());
      case 6 -> permuted(pool.ranked(2));
      case 7 -> reshaped(pool.any());
      case 8 -> repeatedAlong(pool.any());
      case 9 -> sliced(pool.ranked(1));
      case 10 -> padded(pool.ranked(1));
      case 11 -> joined(pool.ranked(1));
      case 12, 13 -> summed(pool.ranked(1));
      case 14 -> product(pool.ranked(2));
      case 15 -> convolution(images());
      case 16 -> rows(pool.ranked(1));
      case 17 -> composed(pool.ranked(1));
      case 18 -> averaged(images());
      case 19 -> loop();
      case 20, 21 -> kinked(pool.pair());
      case 22 -> chosen(pool.pair());
      case 23 -> pooled(images());
      case 24 -> sorted(pool.ranked(1));
      default -> whole(pool.any());
    };
  }

  private static Tensor square(Tensor a) {
    return mul(a, a);
  }

  private static Tensor plusOne(Tensor a) {
    return add(square(a), scalar(1));
  }

  private Tensor ofOne(Tensor a) {
    return switch (pool.below(16)) {
      case 0, 1 -> tanh(a);
      case 2 -> sigmoid(a);
      case 3 -> sin(a);
      case 4 -> cos(a);
      case 5 -> neg(a);
      case 6 -> exp(tanh(a));
      case 7 -> expm1(sin(a));
      case 8 -> log(plusOne(a));
      case 9 -> log1p(square(a));
      case 10 -> sqrt(plusOne(a));
      case 11 -> rsqrt(plusOne(a));
      case 12 -> reciprocal(plusOne(a));
      case 13 -> scale(a, pool.within(-4, 4) / 2.0);
      case 14 -> kind == Kind.SMOOTH ? neg(a) : stop(a);
      default -> alias(a);
    };
  }

  private Tensor ofTwo(List<Tensor> p) {
    Tensor a = p.get(0);
    Tensor b = p.get(1);
    return switch (pool.below(9)) {
      case 0, 1 -> add(a, b);
      case 2, 3 -> mul(a, b);
      case 4 -> sub(a, b);
      case 5 -> div(a, plusOne(b));
      case 6 -> pow(plusOne(a), tanh(b));
      case 7 -> mul(sigmoid(a), b);
      default -> add(mul(a, b), b);
    };
  }

  // ---- layout

  private Tensor permuted(Tensor a) {
    return transpose(a, pool.permutation(a.rank()));
  }

  private Tensor reshaped(Tensor a) {
    List<Integer> d = new ArrayList<>();
    int left = a.shape().size();
    for (int f = 2; f <= left && d.size() < 3; f++) {
      while (left % f == 0 && d.size() < 3 && pool.one(2)) {
        d.add(f);
        left /= f;
      }
    }
    d.add(pool.below(d.size() + 1), left);
    if (pool.one(3)) {
      d.add(pool.below(d.size() + 1), 1);
    }
    return reshape(a, RandomPool.shape(d));
  }

  private Tensor repeatedAlong(Tensor a) {
    int extra = pool.within(1, 2);
    List<Integer> axes = pool.axes(extra, a.rank() + extra);
    List<Integer> d = new ArrayList<>();
    for (int i = 0; i < a.rank() + extra; i++) {
      d.add(axes.contains(i) ? pool.within(1, 4) : a.dim(i - before(axes, i)));
    }
    return broadcast(a, RandomPool.shape(d), axes);
  }

  private static int before(List<Integer> axes, int axis) {
    return (int) axes.stream().filter(a -> a < axis).count();
  }

  private Tensor sliced(Tensor a) {
    List<Integer> starts = new ArrayList<>();
    List<Integer> limits = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    for (int i = 0; i < a.rank(); i++) {
      boolean whole = pool.one(2);
      starts.add(whole ? 0 : pool.below(a.dim(i)));
      limits.add(whole ? a.dim(i) : pool.within(starts.get(i) + 1, a.dim(i)));
      steps.add(pool.one(4) ? pool.within(1, 3) : 1);
    }
    return slice(a, starts, limits, steps);
  }

  private Tensor padded(Tensor a) {
    List<Integer> low = new ArrayList<>();
    List<Integer> high = new ArrayList<>();
    List<Integer> interior = new ArrayList<>();
    for (int i = 0; i < a.rank(); i++) {
      low.add(pool.one(3) ? pool.below(3) : 0);
      high.add(pool.one(3) ? pool.below(3) : 0);
      interior.add(pool.one(6) ? 1 : 0);
    }
    return Tensor.of(new Layout.Pad(low, high, interior), a);
  }

  private Tensor joined(Tensor a) {
    int axis = pool.below(a.rank());
    List<Tensor> parts = new ArrayList<>(List.of(a));
    for (int i = pool.within(1, 2); i > 0; i--) {
      int[] d = a.shape().dims();
      d[axis] = pool.one(2) ? d[axis] : pool.within(1, 3);
      Tensor part = pool.one(4) ? fill(0.5, Shape.of(d)) : pool.any(d);
      parts.add(pool.below(parts.size() + 1), part);
    }
    return concatenate(axis, parts);
  }

  // ---- sums and products

  private Tensor summed(Tensor a) {
    List<Integer> axes = pool.axes(a);
    Tensor s = sum(a, axes);
    Tensor scaled = scale(s, Math.sqrt((double) s.shape().size() / a.shape().size()));
    int[] d = a.shape().dims();
    axes.forEach(i -> d[i] = 1);
    return switch (pool.below(3)) {
      case 0 -> scaled;
      case 1 -> mean(a, axes);
      default -> mul(a, reshape(scaled, Shape.of(d))); // as statistics are used
    };
  }

  private Tensor product(Tensor a) {
    int n = RandomPool.extent(pool.random, kind == Kind.LARGE ? 64 : 8);
    int k = a.dim(-1);
    int r = a.rank();
    boolean turned = pool.one(2);
    Shape b = a.shape().with(r - 2, turned ? n : k).with(r - 1, turned ? k : n);
    if ((long) a.shape().size() / k * n > 4L * kind.most || b.size() > 4 * kind.most) {
      return tanh(a);
    }
    Tensor by = pool.fit(pool.any(), b);
    Tensor y = scale(dot(a, turned ? t(by) : by), 1 / Math.sqrt(k));
    y = pool.one(4) ? t(y) : y;
    return pool.one(3) ? tanh(add(y, pool.any(y.dim(-1)))) : y;
  }

  private Tensor images() {
    Tensor a = pool.any();
    return a.rank() == 4 && a.dim(1) > 1 && a.dim(2) > 1
        ? a
        : pool.any(pool.within(1, 3), pool.within(2, 6), pool.within(2, 6), channels());
  }

  private int channels() {
    return CHANNELS[pool.below(CHANNELS.length)];
  }

  /** A window that fits images. */
  private Window window(Tensor x) {
    int h = pool.within(1, Math.min(3, x.dim(1)));
    int w = pool.within(1, Math.min(3, x.dim(2)));
    return new Window(
        h,
        w,
        pool.within(1, 3),
        pool.within(1, 3),
        pool.below(h),
        pool.below(h),
        pool.below(w),
        pool.below(w));
  }

  private Tensor convolution(Tensor x) {
    Window window = window(x);
    int c = x.dim(3);
    int o = channels();
    Tensor w = pool.any(window.height(), window.width(), c, o);
    Tensor y = scale(conv(x, w, window), 1 / Math.sqrt(window.height() * window.width() * c));
    return pool.one(2)
        ? Normalisation.batchNorm(y, moments(y), plusOne(pool.any(o)), pool.any(o))
        : y;
  }

  /** Such as do not divide by next to nothing. */
  private static Normalisation.Moments moments(Tensor y) {
    Normalisation.Moments m = Normalisation.moments(y);
    return new Normalisation.Moments(m.mean(), add(m.variance(), scalar(0.3)));
  }

  private Tensor averaged(Tensor x) {
    return averagePool(x, window(x));
  }

  private Tensor pooled(Tensor x) {
    return maxPool(pool.one(2) ? Losses.relu(x) : x, window(x));
  }

  // ---- rows, loops, functions

  private Tensor rows(Tensor x) {
    Tensor a = x.dim(0) < 2 ? pool.fit(x, x.shape().with(0, 2)) : x;
    Tensor got = gather(a, index, 0);
    return switch (pool.below(3)) {
      case 0 -> got;
      case 1 -> scatterAdd(tanh(got), index, pool.within(2, 3), 0);
      default -> mul(gather(uniform(key, a.shape()), index, 0), got);
    };
  }

  private Tensor loop() {
    int n = pool.within(1, 3);
    int k = pool.within(1, 4);
    Tensor w = pool.any(k, k);
    boolean gated = pool.one(2);
    Scan.Result r =
        Scan.scan(
            (carry, x) -> {
              Tensor z = tanh(add(dot(carry.get("h"), w), x.get("x")));
              Tensor h = gated ? mul(sigmoid(x.get("x")), z) : z;
              return new Scan.Step(Params.of("h", h), Params.of("y", mul(h, x.get("x"))));
            },
            Params.of("h", pool.any(n, k)),
            Params.of("x", pool.any(pool.within(1, 4), n, k)),
            pool.within(1, 2));
    return pool.one(2) ? r.carry().get("h") : r.ys().get("y");
  }

  private Tensor matrix() {
    int n = pool.within(1, 4);
    Tensor m = pool.any(n, n);
    return add(scale(dot(m, t(m)), 0.2), diagonal(Shape.of(n, n)));
  }

  private Tensor composed(Tensor a) {
    Tensor m = matrix();
    Tensor columns = pool.fit(a, Shape.of(m.dim(0), pool.within(1, 3)));
    Product.Form[] forms = Product.Form.values();
    return switch (pool.below(10)) {
      case 0 -> Losses.softmax(a);
      case 1 -> Losses.logSoftmax(a);
      case 2 -> Reductions.logSumExp(a, pool.axes(a));
      case 3 -> Reductions.variance(a, pool.axes(a));
      case 4 -> a.shape().size() > 4000 ? tanh(a) : Reductions.cumulativeSum(a, a.rank() - 1);
      case 5 -> Distances.squaredEuclidean(pool.any(pool.within(1, 4), 3), pool.any(2, 3));
      case 6 -> LinearAlgebra.solvePositiveDefinite(m, columns);
      case 7 -> LinearAlgebra.logDeterminant(m);
      case 8 -> triangularSolve(cholesky(m), columns, forms[pool.below(forms.length)]);
      default -> innerStep(a);
    };
  }

  /** A step of gradient descent, as learners take them. */
  private Tensor innerStep(Tensor a) {
    int n = pool.within(1, 4);
    int k = pool.within(1, 4);
    Tensor x = pool.any(n, k);
    Tensor w = pool.fit(a, Shape.of(k, 2));
    Tensor y = pool.any(n, 2);
    Params g = Grad.grad(p -> mean(square(sub(tanh(dot(x, p.get("w"))), y))), Params.of("w", w));
    return sub(w, scale(g.get("w"), 0.4));
  }

  // ---- what has kinks or steps

  private Tensor kinked(List<Tensor> p) {
    Tensor a = p.get(0);
    Tensor b = p.get(1);
    return switch (pool.below(8)) {
      case 0 -> maximum(a, b);
      case 1 -> minimum(a, b);
      case 2 -> Losses.relu(a);
      case 3 -> abs(a);
      case 4 -> mul(less(a, b), a);
      case 5 -> mul(sign(a), b);
      case 6 -> sub(scale(a, 3), floor(scale(a, 3)));
      default -> mul(lessEqual(b, a), b);
    };
  }

  private Tensor chosen(List<Tensor> p) {
    Tensor mask =
        switch (pool.below(3)) {
          case 0 -> less(p.get(0), scalar(0));
          case 1 -> lowerMask(pool.ranked(2).shape());
          default -> less(pool.any(), pool.any(1));
        };
    Tensor a = pool.one(4) ? scalar(0) : pool.fit(p.get(0), mask.shape());
    return where(mask, a, pool.fit(p.get(1), mask.shape()));
  }

  private Tensor sorted(Tensor a) {
    return switch (pool.below(4)) {
      case 0 -> max(a, pool.axes(a));
      case 1 -> Sorting.largest(a, pool.within(1, Math.min(a.dim(-1), 8)));
      case 2 -> oneHot(argMax(a), a.dim(-1));
      default -> a.dim(-1) > 40 ? tanh(a) : Sorting.sort(a);
    };
  }

  /** Integers and random numbers. */
  private Tensor whole(Tensor a) {
    return switch (pool.below(4)) {
      case 0 -> mul(uniform(key, a.shape()), a);
      case 1 -> a.rank() == 0 ? neg(a) : add(a, steps(iota(a.shape(), pool.below(a.rank()))));
      case 2 -> steps(convert(scale(a, 4), DType.I32));
      default -> add(a, pool.fit(convert(index, DType.F32), a.shape()));
    };
  }

  private static Tensor steps(Tensor whole) {
    return Ops.scale(convert(whole, DType.F32), 0.25);
  }
}
