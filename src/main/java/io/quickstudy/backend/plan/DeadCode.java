package io.quickstudy.backend.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Takes out of a loop what computes nothing that is wanted. */
final class DeadCode {
  private DeadCode() {}

  /**
   * A loop that stores no more than what goes to the wanted ones of its buffers, and computes and
   * reads no more than that takes. What it stores is bitwise the same, but for reductions: in which
   * order these add may depend on how much a loop does.
   */
  static Loop removed(Loop s, Predicate<Buffer> wanted) {
    List<Loop.Output> outputs =
        s.outputs().stream().filter(o -> wanted.test(o.view().buffer())).toList();
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
    List<Loop.Input> inputs = new ArrayList<>();
    List<Double> constants = new ArrayList<>();
    List<Loop.Apply> ops = new ArrayList<>();
    for (int v : numbers) {
      if (v < firstConstant) {
        inputs.add(s.inputs().get(v));
      } else if (v < firstOp) {
        constants.add(s.constants().get(v - firstConstant));
      } else {
        Loop.Apply a = s.ops().get(v - firstOp);
        ops.add(new Loop.Apply(a.op(), a.operands().stream().map(numbers::indexOf).toList()));
      }
    }
    return new Loop(
        s.space(),
        inputs,
        constants,
        ops,
        outputs.stream()
            .map(o -> new Loop.Output(numbers.indexOf(o.value()), o.mode(), o.as(), o.view()))
            .toList(),
        s.what());
  }
}
