package io.quickstudy.backend.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How often loops go over large tensors. That results stay right is every backend's suite's. */
class LoopReadsTest {
  private static final Shape ALL = Shape.of(6, 16, 16, 32);
  private static final List<Integer> INNER = List.of(0, 1, 2);

  private static Tensor argument(String name, Shape s) {
    return Tensor.argument(name, DType.F32, s);
  }

  private static Tensor spread(Tensor t) {
    return Ops.broadcast(t, ALL, INNER);
  }

  private static ProgramSpec spec(List<Tensor> in, Tensor... out) {
    return new ProgramSpec("test", in, List.of(out), Set.of(), Map.of(), 1, Set.of());
  }

  private static Stream<Loop> loops(ProgramPlan p) {
    return p.segments().stream()
        .flatMap(s -> s.steps().stream())
        .filter(Loop.class::isInstance)
        .map(Loop.class::cast);
  }

  /** Tensors of at least so many elements that all loops read and write. */
  private static long passes(ProgramPlan p, int size) {
    return loops(p)
        .flatMap(
            l ->
                Stream.concat(
                    l.inputs().stream().map(Loop.Input::view),
                    l.outputs().stream().map(Loop.Output::view)))
        .filter(v -> v.buffer().elements() >= size && elements(v) >= size)
        .count();
  }

  private static long elements(View v) {
    long n = 1;
    for (int i = 0; i < v.strides().length; i++) {
      n *= v.strides()[i] == 0 ? 1 : v.shape().dim(i);
    }
    return n;
  }

  /** A ReLU there and back: y to z = relu(a y + a), dz to dy behind two sums. */
  private static ProgramSpec relu() {
    Tensor y = argument("y", ALL);
    Tensor a = argument("a", Shape.of(32));
    Tensor w = argument("w", Shape.of(32, 32));
    Tensor zero = Ops.fill(0, ALL);
    Tensor z = Ops.maximum(Ops.add(Ops.mul(y, spread(a)), spread(a)), zero);
    Tensor dz = Ops.reshape(Ops.dot(Ops.reshape(z, Shape.of(6 * 16 * 16, 32)), w), ALL);
    Tensor g = Ops.where(Ops.less(zero, z), dz, zero);
    Tensor first = Ops.sum(g, INNER);
    Tensor second = Ops.sum(Ops.mul(g, y), INNER);
    Tensor dy = Ops.add(Ops.add(g, spread(Ops.tanh(first))), Ops.mul(y, spread(second)));
    return spec(List.of(y, a, w), z, dy);
  }

  @Test
  void aMaskAndWhatItMasksAreComputedWhereTheyAreWanted() {
    int size = ALL.size();
    // y, z; y, dz; y, dz, dy
    assertEquals(7, passes(ProgramPlan.inChunksOf(1, relu()), size));
    // y, z; y, z, dz, g; y, g, dy
    assertEquals(9, passes(ProgramPlan.forWorkers(relu()), size), "where ops are what is scarce");
  }

  @Test
  void whatTakesTwoTensorsIsStored() {
    Tensor x = argument("x", ALL);
    Tensor y = argument("y", ALL);
    Tensor t = Ops.mul(x, y);
    Tensor u = Ops.mul(t, spread(Ops.tanh(Ops.sum(t, INNER))));
    // x, y, t; t, u: instead of x, y; x, y, u it saves nothing and keeps two
    assertEquals(5, passes(ProgramPlan.inChunksOf(1, spec(List.of(x, y), u)), ALL.size()));
  }

  @Test
  void whatIsDearIsStored() {
    Tensor x = argument("x", ALL);
    Tensor t = Ops.tanh(x);
    Tensor u = Ops.mul(t, spread(Ops.sum(t, INNER)));
    // x, t; t, u
    assertEquals(4, passes(ProgramPlan.inChunksOf(1, spec(List.of(x), u)), ALL.size()));
  }

  @Test
  void whatAPutScalesIsScaledInTheLoopThatPuts() {
    Window w = Window.square(2, 2, 0);
    Shape pooled = Shape.of(6, 8, 8, 32);
    Tensor x = argument("x", ALL);
    Tensor dz = argument("dz", pooled);
    Tensor a = argument("a", Shape.of(32));
    Tensor index = Tensor.of(new Pooling.PoolArgMax(w), x);
    Tensor scaled = Ops.mul(dz, Ops.broadcast(a, pooled, INNER));
    Tensor dx = Ops.add(Tensor.of(new Pooling.PoolPut(w, 16, 16), scaled, index), x);
    ProgramSpec s = spec(List.of(x, dz, a), dx);
    assertEquals(1, loops(ProgramPlan.inChunksOf(1, s)).count());
    assertEquals(2, loops(ProgramPlan.forWorkers(s)).count());
  }
}
