package io.quickstudy.backend.cuda;

import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.CudaDriver.Form;
import io.quickstudy.backend.cuda.driver.CudaDriver.Into;
import io.quickstudy.backend.cuda.driver.CudaDriver.Launch;
import io.quickstudy.backend.cuda.driver.CudaDriver.Matrix;
import io.quickstudy.backend.cuda.driver.CudaDriver.Products;
import io.quickstudy.backend.cuda.kernels.Grid;
import io.quickstudy.backend.cuda.kernels.SmallProduct;
import io.quickstudy.backend.cuda.kernels.Tiling;
import io.quickstudy.backend.cuda.loops.LoopKernels;
import io.quickstudy.backend.plan.Loop;
import io.quickstudy.backend.plan.LoopEncoder;
import io.quickstudy.backend.plan.Repeated;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Window;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/** Turns steps into what a driver starts, once all buffers have their addresses. */
final class LaunchBuilder {
  /** Where kernels that take numbers of rows report a bad one, among a launch's addresses. */
  private static final int FAULT = Launch.POINTERS - 1;

  /** Selects what {@code qs_loop} stores; a reduction is selected by its number. */
  private static final int STORES = -1;

  private final ToLongFunction<Step.Place> address;
  private final LoopEncoder words;
  private final Fixed fixed;
  private final CudaOptions options;
  private final LoopKernels generated;
  private final Factors factors;
  private final Set<String> kernels = new LinkedHashSet<>();
  private long scratchBytes;
  private List<Consumer<CudaDriver>> out = List.of();

  /**
   * For one program.
   *
   * @param address of an operand's first element
   * @param words to which loops are added that are interpreted
   * @param generated what does the others, and copies
   * @param options which convolutions cuDNN computes, and in what precision
   */
  LaunchBuilder(
      ToLongFunction<Step.Place> address,
      LoopEncoder words,
      Fixed fixed,
      LoopKernels generated,
      CudaOptions options) {
    this.address = address;
    this.words = words;
    this.fixed = fixed;
    this.generated = generated;
    this.options = options;
    this.factors = new Factors(this, options.panels());
  }

  /**
   * Addresses of what every program has.
   *
   * @param words the loops' descriptions
   * @param fault the fault record
   * @param scratch sums of slices, used by one step at a time
   * @param counters of generated loops, all 0 between launches
   * @param chunk of the task axis, which are counted from 0
   */
  record Fixed(long words, long fault, long scratch, long counters, int chunk) {
    Fixed(long words, long fault, long scratch, long counters) {
      this(words, fault, scratch, counters, 0);
    }

    /** The same for a chunk, with other scratch and counters, so many bytes behind. */
    Fixed in(int part, long scratchBytes, long counterBytes) {
      return new Fixed(words, fault, scratch + scratchBytes, counters + counterBytes, part);
    }
  }

  /** Whether cuBLAS or cuDNN does a step, or a part of it. */
  static boolean needsLibrary(Step step, CudaOptions options) {
    return switch (step) {
      case Step.Gemm s -> !options.isOwn(s);
      case Step.Conv s -> options.choice().of(s).isPresent();
      case Step.Cholesky s -> s.n() > options.panels().of(s);
      case Step.Solve s -> s.n() > options.panels().of(s);
      case Repeated s -> s.body().steps().stream().anyMatch(i -> needsLibrary(i, options));
      default -> false;
    };
  }

  /** How much the steps so far put into the scratch. */
  long scratchBytes() {
    return scratchBytes;
  }

  /** Of our own, which the steps so far start. */
  Set<String> kernels() {
    return kernels;
  }

  private long scratch(long floats) {
    scratchBytes = Math.max(scratchBytes, 4 * floats);
    return fixed.scratch;
  }

  /** What a step starts, in order. */
  List<Consumer<CudaDriver>> of(Step step) {
    out = new ArrayList<>();
    if (generated.has(step)) {
      generated.call(step).ifPresent(this::generated);
      return out;
    }
    switch (step) {
      case Loop s -> loop(s);
      case Step.Gemm s -> gemm(s);
      case Step.Conv s -> conv(s);
      case Step.Pool s -> pool(s);
      case Step.PoolMax s ->
          windows(pooling("qs_pool_max", s.small()), s.window(), s.large(), s.small())
              .operands(s)
              .start();
      case Step.Gather s ->
          kernel("qs_gather", s.batch() * s.k() * Grid.divide(s.rowBytes(), 4))
              .numbers(s.batch(), s.n(), s.k(), s.rowBytes(), s.strideX())
              .operands(s)
              .at(FAULT, fixed.fault)
              .start();
      case Step.ScatterAdd s ->
          kernel("qs_scatter_add", s.batch() * Math.max(s.op().n() * s.row(), s.k()))
              .numbers(s.batch(), s.op().n(), s.k(), s.row())
              .operands(s)
              .at(FAULT, fixed.fault)
              .start();
      case Step.TopK s -> {
        long blocks = s.n() <= 256 ? Grid.elements(s.rows() * s.n()) : s.rows();
        new Kernel("qs_topk", Grid.of(blocks), Grid.BLOCK)
            .numbers(s.rows(), s.n(), s.op().k())
            .operands(s)
            .start();
      }
      case Step.Cholesky s ->
          factors.cholesky(
              s, s.perTask() == 0 ? 0 : fixed.chunk * (s.batch() / s.perTask()), fixed.fault);
      case Step.Solve s -> factors.solve(s);
      case Step.Random s -> {
        long count = s.op().shape().size();
        kernel("qs_random", s.keys() * Grid.divide(count, 4))
            .numbers(s.keys(), count)
            .operands(s)
            .start();
      }
      case Step.Copy s -> copy(s);
      case Repeated s -> throw new IllegalStateException(s + " is started step by step");
    }
    return out;
  }

  /** Where an operand's first element is. */
  long address(Step.Place p) {
    return address.applyAsLong(p);
  }

  /** Starts products. */
  void products(Products p) {
    out.add(d -> d.sgemm(p));
  }

  /** With one thread per element. */
  Kernel kernel(String name, long elements) {
    return new Kernel(name, Grid.elements(elements), Grid.BLOCK);
  }

  /** A launch that is being put together. */
  final class Kernel {
    private final String name;
    private final int grid;
    private final int block;
    private final long[] args = new long[Launch.WORDS];
    private int numbers;
    private int addresses = Launch.NUMBERS;
    private int shared;

    Kernel(String name, int grid, int block) {
      this.name = name;
      this.grid = grid;
      this.block = block;
    }

    Kernel numbers(long... more) {
      for (long n : more) {
        args[numbers++] = n;
      }
      return this;
    }

    /** So many numbers, zeros behind those given. */
    Kernel padded(int[] some, int length) {
      for (int i = 0; i < length; i++) {
        numbers(i < some.length ? some[i] : 0);
      }
      return this;
    }

    Kernel operands(Step s) {
      s.operands().forEach(p -> args[addresses++] = address.applyAsLong(p));
      return this;
    }

    Kernel at(int i, long where) {
      args[Launch.NUMBERS + i] = where;
      return this;
    }

    /** With so many bytes that a block's threads share. */
    Kernel shared(long bytes) {
      shared = Math.toIntExact(bytes);
      return this;
    }

    void start() {
      kernels.add(name);
      Launch l = new Launch(name, grid, block, shared, args);
      out.add(d -> d.launch(l));
    }
  }

  // ---- loops

  private void generated(LoopKernels.Call c) {
    long[] args = new long[Launch.WORDS];
    for (int i = 0; i < c.places().size(); i++) {
      args[LoopKernels.word(i)] = address.applyAsLong(c.places().get(i));
    }
    args[Launch.NUMBERS + LoopKernels.SUMS] = c.parts() > 0 ? scratch(c.parts()) : 0;
    args[Launch.NUMBERS + LoopKernels.COUNTERS] = c.counters() > 0 ? fixed.counters : 0;
    Launch l = new Launch(c.kernel(), c.grid(), Grid.BLOCK, c.shared(), args);
    out.add(d -> generated.launch(l));
  }

  private void loop(Loop s) {
    long at = fixed.words + 8L * words.add(s);
    boolean stores = false;
    for (int i = 0; i < s.outputs().size(); i++) {
      Loop.Output o = s.outputs().get(i);
      switch (o.mode()) {
        case STORE -> stores = true;
        case SUM, MAX -> reduction(i, Grid.Reduction.of(o.view()), at);
      }
    }
    if (stores) {
      long threads = Grid.divide(s.space().size(), Grid.LANES);
      kernel("qs_loop", threads).numbers(STORES).at(0, at).start();
    }
  }

  private void reduction(int output, Grid.Reduction r, long at) {
    Kernel all = new Kernel("qs_loop", Grid.of(r.groups() * r.slices()), Grid.BLOCK).at(0, at);
    if (r.slices() == 1) {
      all.numbers(output, 1, 0).start();
      return;
    }
    long sums = scratch(r.slices() * r.kept());
    all.numbers(output, r.slices(), 0).at(1, sums).start();
    kernel("qs_loop", r.kept()).numbers(output, r.slices(), 1).at(0, at).at(1, sums).start();
  }

  // ---- products: a row-major matrix is, column by column, its transpose, and C' = B' A'

  private void gemm(Step.Gemm s) {
    Optional<SmallProduct> small = SmallProduct.of(s.batch(), s.m(), s.n(), s.k());
    if (small.isPresent()) {
      small(s, small.get());
      return;
    }
    Products p =
        new Products(
            Math.toIntExact(s.n()),
            Math.toIntExact(s.m()),
            Math.toIntExact(s.k()),
            matrix(s.b()),
            matrix(s.a()),
            new Matrix(
                address.applyAsLong(s.c()), Form.PLAIN, Math.toIntExact(s.n()), s.m() * s.n()),
            Math.toIntExact(s.batch()),
            options.precision(),
            Into.SET);
    products(p);
  }

  private void small(Step.Gemm s, SmallProduct p) {
    new Kernel("qs_product", Grid.of(p.blocks()), Grid.BLOCK)
        .numbers(s.batch(), s.m(), s.n(), s.k())
        .numbers(s.a().transposed() ? 1 : 0, s.b().transposed() ? 1 : 0)
        .numbers(s.a().ld(), s.b().ld(), s.n())
        .numbers(s.a().batchStride(), s.b().batchStride(), s.m() * s.n())
        .numbers(p.slices())
        .numbers(
            switch (options.precision()) {
              case FP32 -> 0;
              case TF32 -> 1;
            })
        .operands(s)
        .start();
  }

  private Matrix matrix(Step.Gemm.Matrix x) {
    return new Matrix(
        address.applyAsLong(x.place()),
        x.transposed() ? Form.TRANSPOSED : Form.PLAIN,
        Math.toIntExact(x.ld()),
        x.batchStride());
  }

  // ---- convolution and pooling

  private void conv(Step.Conv s) {
    options.choice().of(s).ifPresentOrElse(dnn -> shared(s, dnn), () -> own(s));
  }

  private void shared(Step.Conv s, DnnConvolution dnn) {
    long room = scratch(Grid.divide(dnn.scratchBytes(), Float.BYTES));
    List<Long> at = s.operands().stream().map(address::applyAsLong).toList();
    out.addAll(dnn.at(at.get(0), at.get(1), at.get(2), room));
  }

  private void own(Step.Conv s) {
    Shape x = s.x().shape();
    Shape y = s.y().shape();
    Shape w = s.w().shape();
    Window win = s.op().window();
    long pixels = (long) y.size() / y.dim(3);
    long taps = (long) w.size() / w.dim(3);
    long tasks = s.tasks();
    switch (s.op()) {
      case Convolution.Conv c -> {
        Tiling.Products p = new Tiling.Products(tasks, pixels, y.dim(3), taps, tasks * y.size());
        convolution("qs_conv", s, Tiling.pixels(options.ways(), p), s.y());
      }
      case Convolution.ConvInputGrad c -> {
        // the pixels that one tap of the filter reaches lie a stride apart
        long phases = (long) win.strideH() * win.strideW();
        long down = Grid.divide(x.dim(1), win.strideH());
        long across = Grid.divide(x.dim(2), win.strideW());
        long depth = Grid.divide(taps / x.dim(3) * y.dim(3), phases);
        long rows = x.dim(0) * down * across;
        Tiling.Products p =
            new Tiling.Products(tasks * phases, rows, x.dim(3), depth, tasks * x.size());
        convolution("qs_conv_dx", s, Tiling.pixels(options.ways(), p), s.x());
      }
      case Convolution.ConvFilterGrad c -> {
        Tiling.Products p = new Tiling.Products(tasks, taps, w.dim(3), pixels, tasks * w.size());
        convolution("qs_conv_dw", s, Tiling.taps(options.ways(), p), s.w());
      }
    }
  }

  private void convolution(String operation, Step.Conv s, Tiling t, Step.Conv.Operand result) {
    Window win = s.op().window();
    Shape x = s.x().shape();
    Shape y = s.y().shape();
    Kernel k =
        new Kernel(t.kernel().name(operation), Grid.of(t.blocks()), Tiling.THREADS)
            .numbers(s.tasks(), x.dim(0), x.dim(1), x.dim(2), x.dim(3))
            .numbers(win.height(), win.width(), y.dim(3), win.strideH(), win.strideW())
            .numbers(win.top(), win.left(), y.dim(1), y.dim(2))
            .numbers(s.x().perTask(), s.w().perTask(), s.y().perTask())
            .operands(s);
    if (t.slices() == 1) {
      k.start();
      return;
    }
    long size = result.shape().size();
    long parts = scratch(s.tasks() * t.slices() * size);
    k.numbers(t.slices()).at(3, parts).start();
    long blocks = Grid.divide(s.tasks() * size * Tiling.together(t.slices()), Grid.BLOCK);
    new Kernel("qs_sum_parts", Grid.of(blocks), Grid.BLOCK)
        .numbers(s.tasks(), t.slices(), size, result.perTask())
        .at(0, parts)
        .at(1, address.applyAsLong(result.place()))
        .start();
  }

  private void pool(Step.Pool s) {
    Shape x = s.large();
    Shape y = s.small();
    Kernel k =
        switch (s.op()) {
          case Pooling.PoolArgMax p -> pooling("qs_pool_argmax", y);
          case Pooling.PoolTake p -> pooling("qs_pool_take", y);
          case Pooling.PoolPut p -> pooling("qs_pool_put", x);
          case Pooling.PoolSum p -> pooling("qs_pool_sum", y);
          case Pooling.PoolSpread p -> pooling("qs_pool_spread", x);
        };
    windows(k, s.op().window(), x, y).operands(s).start();
  }

  /** With one thread for four channels, where they come in fours. */
  private Kernel pooling(String name, Shape result) {
    return kernel(
        name, result.dim(3) % Grid.LANES == 0 ? result.size() / Grid.LANES : result.size());
  }

  private static Kernel windows(Kernel k, Window w, Shape x, Shape y) {
    return k.numbers(x.dim(0), x.dim(1), x.dim(2), x.dim(3))
        .numbers(w.height(), w.width(), w.strideH(), w.strideW(), w.top(), w.left())
        .numbers(y.dim(1), y.dim(2));
  }

  private void copy(Step.Copy s) {
    Shape shape = s.to().shape();
    LoopEncoder.checkRank(shape);
    kernel("qs_copy", shape.size())
        .numbers(s.to().buffer().dtype().bytes(), shape.rank())
        .padded(shape.dims(), LoopEncoder.MAX_DIMS)
        .padded(s.from().strides(), LoopEncoder.MAX_DIMS)
        .padded(s.to().strides(), LoopEncoder.MAX_DIMS)
        .operands(s)
        .start();
  }
}
