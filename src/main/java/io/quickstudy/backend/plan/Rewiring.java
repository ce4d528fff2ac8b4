package io.quickstudy.backend.plan;

import io.quickstudy.graph.Convolution;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Which buffers a step reads and writes, and the same step on others. */
final class Rewiring {
  private Rewiring() {}

  /** The places that a step writes. */
  static List<Step.Place> written(Step step) {
    return switch (step) {
      case Step.Loop s -> s.outputs().stream().map(o -> o.view().place()).toList();
      case Step.Conv s ->
          switch (s.op()) {
            case Convolution.Conv c -> List.of(s.y().place());
            case Convolution.ConvInputGrad c -> List.of(s.x().place());
            case Convolution.ConvFilterGrad c -> List.of(s.w().place());
          };
      case Step.Gemm s -> List.of(s.c());
      case Step.Pool s -> List.of(s.result());
      case Step.PoolMax s -> List.of(s.index(), s.y());
      case Step.Gather s -> List.of(s.y());
      case Step.ScatterAdd s -> List.of(s.y());
      case Step.TopK s -> List.of(s.y());
      case Step.Cholesky s -> List.of(s.l());
      case Step.Solve s -> List.of(s.x());
      case Step.Random s -> List.of(s.y());
      case Step.Copy s -> List.of(s.to().place());
    };
  }

  /** Whether a step writes to a buffer. */
  static boolean writes(Step step, Buffer b) {
    return written(step).stream().anyMatch(p -> p.buffer() == b);
  }

  /** The same step with every buffer replaced. */
  static Step moved(Step step, UnaryOperator<Buffer> to) {
    UnaryOperator<Step.Place> at = p -> new Step.Place(to.apply(p.buffer()), p.start());
    UnaryOperator<View> look =
        v -> new View(to.apply(v.buffer()), v.start(), v.shape(), v.strides());
    return switch (step) {
      case Step.Loop s ->
          new Step.Loop(
              s.space(),
              s.inputs().stream()
                  .map(i -> new Step.Loop.Input(i.as(), look.apply(i.view())))
                  .toList(),
              s.constants(),
              s.ops(),
              s.outputs().stream()
                  .map(o -> new Step.Loop.Output(o.value(), o.mode(), o.as(), look.apply(o.view())))
                  .toList(),
              s.what());
      case Step.Gemm s ->
          new Step.Gemm(
              s.batch(),
              s.m(),
              s.n(),
              s.k(),
              matrix(s.a(), at),
              matrix(s.b(), at),
              at.apply(s.c()),
              s.what());
      case Step.Conv s ->
          new Step.Conv(
              s.op(),
              s.tasks(),
              operand(s.x(), at),
              operand(s.w(), at),
              operand(s.y(), at),
              s.what());
      case Step.Pool s ->
          new Step.Pool(
              s.op(),
              s.large(),
              s.small(),
              s.inputs().stream().map(at).toList(),
              at.apply(s.result()),
              s.what());
      case Step.PoolMax s ->
          new Step.PoolMax(
              s.window(),
              s.large(),
              s.small(),
              at.apply(s.x()),
              at.apply(s.factor()),
              at.apply(s.index()),
              at.apply(s.y()),
              s.what());
      case Step.Gather s ->
          new Step.Gather(
              s.batch(),
              s.n(),
              s.k(),
              s.rowBytes(),
              s.strideX(),
              at.apply(s.x()),
              at.apply(s.index()),
              at.apply(s.y()),
              s.what());
      case Step.ScatterAdd s ->
          new Step.ScatterAdd(
              s.op(),
              s.batch(),
              s.k(),
              s.row(),
              at.apply(s.g()),
              at.apply(s.index()),
              at.apply(s.y()),
              s.what());
      case Step.TopK s ->
          new Step.TopK(s.op(), s.rows(), s.n(), at.apply(s.x()), at.apply(s.y()), s.what());
      case Step.Cholesky s ->
          new Step.Cholesky(s.batch(), s.n(), at.apply(s.a()), at.apply(s.l()), s.what());
      case Step.Solve s ->
          new Step.Solve(
              s.op(),
              s.batch(),
              s.n(),
              s.m(),
              at.apply(s.l()),
              at.apply(s.b()),
              at.apply(s.x()),
              s.what());
      case Step.Random s ->
          new Step.Random(s.op(), s.keys(), at.apply(s.key()), at.apply(s.y()), s.what());
      case Step.Copy s -> new Step.Copy(look.apply(s.from()), look.apply(s.to()), s.what());
    };
  }

  private static Step.Gemm.Matrix matrix(Step.Gemm.Matrix m, UnaryOperator<Step.Place> at) {
    return new Step.Gemm.Matrix(at.apply(m.place()), m.transposed(), m.ld(), m.batchStride());
  }

  private static Step.Conv.Operand operand(Step.Conv.Operand o, UnaryOperator<Step.Place> at) {
    return new Step.Conv.Operand(at.apply(o.place()), o.shape(), o.perTask());
  }

  /**
   * A loop that stores no more than what goes to some of its buffers, and computes and reads no
   * more than that takes. What it stores is bitwise the same, but for reductions: in which order
   * these add may depend on how much a loop does.
   */
  static Step.Loop only(Step.Loop s, Predicate<Buffer> some) {
    List<Step.Loop.Output> outputs =
        s.outputs().stream().filter(o -> some.test(o.view().buffer())).toList();
    int firstConstant = s.inputs().size();
    int firstOp = firstConstant + s.constants().size();
    TreeSet<Integer> needed = new TreeSet<>();
    outputs.forEach(o -> needed.add(o.value()));
    for (Integer v = needed.isEmpty() ? null : needed.last(); v != null; v = needed.lower(v)) {
      if (v >= firstOp) {
        needed.addAll(s.ops().get(v - firstOp).operands()); // all of lower numbers
      }
    }
    List<Integer> numbers = List.copyOf(needed);
    List<Step.Loop.Input> inputs = new ArrayList<>();
    List<Double> constants = new ArrayList<>();
    List<Step.Loop.Apply> ops = new ArrayList<>();
    for (int v : numbers) {
      if (v < firstConstant) {
        inputs.add(s.inputs().get(v));
      } else if (v < firstOp) {
        constants.add(s.constants().get(v - firstConstant));
      } else {
        Step.Loop.Apply a = s.ops().get(v - firstOp);
        ops.add(new Step.Loop.Apply(a.op(), a.operands().stream().map(numbers::indexOf).toList()));
      }
    }
    return new Step.Loop(
        s.space(),
        inputs,
        constants,
        ops,
        outputs.stream()
            .map(o -> new Step.Loop.Output(numbers.indexOf(o.value()), o.mode(), o.as(), o.view()))
            .toList(),
        s.what());
  }
}
