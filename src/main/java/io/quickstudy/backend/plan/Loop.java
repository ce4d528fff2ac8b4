package io.quickstudy.backend.plan;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Shape;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A loop over a shape: reads inputs through strides, computes, stores and reduces. Values are
 * numbered: inputs, constants, then the result of each op.
 *
 * @param space the shape
 */
public record Loop(
    Shape space,
    List<Input> inputs,
    List<Double> constants,
    List<Apply> ops,
    List<Output> outputs,
    String what)
    implements Step {
  /**
   * Something read.
   *
   * @param as how its elements are seen: I32 and U8 become floats; F32 are floats as they are
   * @param view of the loop's shape; stride 0 repeats
   */
  public record Input(DType as, View view) {
    private Input with(UnaryOperator<Buffer> to) {
      return new Input(as, view.with(to));
    }
  }

  /**
   * An op on values.
   *
   * @param op a function of one, two or three operands
   * @param operands the numbers of its operands
   */
  public record Apply(Elementwise op, List<Integer> operands) {}

  /**
   * Something written.
   *
   * @param value its number
   * @param mode what becomes of it
   * @param as I32 truncates, F32 stores floats as they are
   * @param view of the loop's shape; a reduction has stride 0 along the axes it removes
   */
  public record Output(int value, Mode mode, DType as, View view) {
    private Output with(UnaryOperator<Buffer> to) {
      return new Output(value, mode, as, view.with(to));
    }
  }

  /** What becomes of a value. */
  public enum Mode {
    /** Every element is stored. */
    STORE,
    /** Elements that fall on one place are added. */
    SUM,
    /** Of the elements that fall on one place the largest is kept, NaN before all. */
    MAX
  }

  @Override
  public Accesses accesses() {
    return Accesses.of(
        inputs.stream().map(Input::view).toList(), outputs.stream().map(Output::view).toList());
  }

  @Override
  public Loop with(UnaryOperator<Buffer> to) {
    return new Loop(
        space,
        inputs.stream().map(i -> i.with(to)).toList(),
        constants,
        ops,
        outputs.stream().map(o -> o.with(to)).toList(),
        what);
  }
}
