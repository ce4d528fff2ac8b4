package io.quickstudy.backend.cpu;

import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Loop;
import io.quickstudy.backend.plan.LoopEncoder;
import io.quickstudy.backend.plan.Repeated;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.Words;
import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Window;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Writes steps as the native program's instructions, once all buffers have their places. */
final class Encoder {
  private final Map<Buffer, Integer> spaces = new IdentityHashMap<>();
  private int free;
  private Words out = new Words();
  private LoopEncoder loops = new LoopEncoder(out, this::operand);

  /**
   * For one program.
   *
   * @param firstFree the first space that no arena and no bound data has
   */
  Encoder(int firstFree) {
    this.free = firstFree;
  }

  /** Opcode, length and payload of one step. */
  void write(Step step, Words into) {
    Words outer = out;
    LoopEncoder outerLoops = loops;
    out = new Words();
    loops = new LoopEncoder(out, this::operand);
    int opcode =
        switch (step) {
          case Loop s -> loop(s);
          case Step.Gemm s -> gemm(s);
          case Step.Conv s -> conv(s);
          case Step.Pool s -> pool(s);
          case Step.PoolMax s -> poolMax(s);
          case Step.Gather s -> {
            words(s.batch(), s.n(), s.k(), s.rowBytes(), s.strideX());
            yield operands(Format.GATHER, s);
          }
          case Step.ScatterAdd s -> {
            words(s.batch(), s.op().n(), s.k(), s.row());
            yield operands(Format.SCATTER_ADD, s);
          }
          case Step.TopK s -> {
            words(s.rows(), s.n(), s.op().k());
            yield operands(Format.TOPK, s);
          }
          case Step.Cholesky s -> {
            words(s.batch(), s.n(), s.perTask());
            yield operands(Format.CHOLESKY, s);
          }
          case Step.Solve s -> {
            int transposed =
                switch (s.op().form()) {
                  case PLAIN -> 0;
                  case TRANSPOSED -> 1;
                };
            words(s.batch(), s.n(), s.m(), transposed);
            yield operands(Format.TRISOLVE, s);
          }
          case Step.Random s -> {
            words(s.keys(), s.op().shape().size());
            yield operands(Format.RANDOM, s);
          }
          case Step.Copy s -> copy(s);
          case Repeated s -> repeat(s);
        };
    into.add(opcode);
    into.add(out.size());
    into.addAll(out);
    out = outer;
    loops = outerLoops;
  }

  /** Spaces for the parts that move, then the steps. */
  private int repeat(Repeated s) {
    words(s.times(), s.moving().size());
    for (Buffer b : s.moving()) {
      spaces.put(b, free++);
      words(spaces.get(b));
      operand(new Step.Place(b.whole(), b.start() / b.dtype().bytes()));
      words(b.perStep());
    }
    words(s.body().steps().size());
    s.body().steps().forEach(x -> write(x, out));
    return Format.REPEAT;
  }

  private void words(long... more) {
    for (long w : more) {
      out.add(w);
    }
  }

  private int operands(int opcode, Step step) {
    step.operands().forEach(this::operand);
    return opcode;
  }

  private void operand(Step.Place p) {
    long space =
        switch (p.buffer().space()) {
          case SHARED -> 0;
          case LOCAL -> 1;
          case BOUND -> 2L + p.buffer().binding();
          case MOVING -> spaces.get(p.buffer().mover());
        };
    words(space, p.buffer().offset() + p.start() * p.buffer().dtype().bytes());
    words(p.buffer().chunkBytes());
  }

  private int loop(Loop s) {
    loops.add(s);
    return Format.LOOP;
  }

  private int gemm(Step.Gemm s) {
    words(s.batch(), s.m(), s.n(), s.k());
    words(s.a().transposed() ? 1 : 0, s.b().transposed() ? 1 : 0);
    words(s.a().ld(), s.b().ld(), s.n());
    words(s.a().batchStride(), s.b().batchStride(), s.m() * s.n(), 0);
    return operands(Format.GEMM, s);
  }

  private int conv(Step.Conv s) {
    Window win = s.op().window();
    Shape x = s.x().shape();
    Shape y = s.y().shape();
    words(s.tasks(), x.dim(0), x.dim(1), x.dim(2), x.dim(3));
    words(win.height(), win.width(), y.dim(3), win.strideH(), win.strideW());
    words(win.top(), win.left(), y.dim(1), y.dim(2));
    words(s.x().perTask(), s.w().perTask(), s.y().perTask());
    int opcode =
        switch (s.op()) {
          case Convolution.Conv c -> Format.CONV;
          case Convolution.ConvInputGrad c -> Format.CONV_DX;
          case Convolution.ConvFilterGrad c -> Format.CONV_DW;
        };
    return operands(opcode, s);
  }

  private void windows(Window w, Shape x, Shape y) {
    words(x.dim(0), x.dim(1), x.dim(2), x.dim(3));
    words(w.height(), w.width(), w.strideH(), w.strideW(), w.top(), w.left());
    words(y.dim(1), y.dim(2));
  }

  private int poolMax(Step.PoolMax s) {
    windows(s.window(), s.large(), s.small());
    return operands(Format.POOL_MAX, s);
  }

  private int pool(Step.Pool s) {
    windows(s.op().window(), s.large(), s.small());
    int opcode =
        switch (s.op()) {
          case Pooling.PoolArgMax p -> Format.POOL_ARGMAX;
          case Pooling.PoolTake p -> Format.POOL_TAKE;
          case Pooling.PoolPut p -> Format.POOL_PUT;
          case Pooling.PoolSum p -> Format.POOL_SUM;
          case Pooling.PoolSpread p -> Format.POOL_SPREAD;
        };
    return operands(opcode, s);
  }

  /** Floats are copied by a loop, which is faster; integers are not to pass through float units. */
  private int copy(Step.Copy s) {
    if (s.to().buffer().dtype() == DType.F32) {
      var in = List.of(new Loop.Input(DType.F32, s.from()));
      var to = List.of(new Loop.Output(0, Loop.Mode.STORE, DType.F32, s.to()));
      return loop(new Loop(s.to().shape(), in, List.of(), List.of(), to, s.what()));
    }
    words(s.to().buffer().dtype().bytes());
    loops.dims(s.to().shape());
    loops.strided(s.from());
    loops.strided(s.to());
    return Format.COPY;
  }
}
