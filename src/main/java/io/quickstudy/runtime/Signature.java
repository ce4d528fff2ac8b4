package io.quickstudy.runtime;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.transform.Params;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The types of a function's named arguments, by role. Each role has names of its own: the same one
 * in two roles means two things.
 *
 * @param state stays on the device; the function returns its next value under the same names; F32
 * @param inputs are set before a run and stay as they are until they are set again; F32 or I32
 * @param residents are bound once to uploaded data
 * @param tasks the extent of the task axis, 1 where there is none
 * @param taskInputs the inputs whose leading axis is the task axis
 */
public record Signature(
    Map<String, Op.Type> state,
    Map<String, Op.Type> inputs,
    Map<String, Op.Type> residents,
    int tasks,
    Set<String> taskInputs) {

  /**
   * Copies what it is given, in its order.
   *
   * @throws IllegalArgumentException if a type does not fit its role, or a task input is no input
   *     or has no task axis
   */
  public Signature {
    if (state == null || inputs == null || residents == null || taskInputs == null) {
      throw new IllegalArgumentException(
          "A signature with a role that is null: expected types by name; give Map.of() or Set.of()"
              + " where there are none.");
    }
    state = copy(state);
    inputs = copy(inputs);
    residents = copy(residents);
    taskInputs = Collections.unmodifiableSet(new LinkedHashSet<>(taskInputs));
    state.forEach(
        (n, t) -> {
          if (t.dtype() != DType.F32) {
            throw new IllegalArgumentException(
                "State '%s' is %s: expected F32; make it an input or an output instead."
                    .formatted(n, text(t)));
          }
        });
    inputs.forEach(
        (n, t) -> {
          if (t.dtype() == DType.U8) {
            throw new IllegalArgumentException(
                "Input '%s' is %s: expected F32 or I32; make it a resident, whose data is uploaded."
                    .formatted(n, text(t)));
          }
        });
    if (tasks < 1) {
      throw new IllegalArgumentException(
          "A signature of %s tasks: expected at least 1; give 1 where there is no task axis."
              .formatted(tasks));
    }
    for (String n : taskInputs) {
      if (!inputs.containsKey(n)) {
        throw new IllegalArgumentException(
            "Task input '%s' is no input: expected some of %s; correct its name."
                .formatted(n, inputs.keySet()));
      }
      Shape s = inputs.get(n).shape();
      if (s.rank() < 1 || s.dim(0) != tasks) {
        throw new IllegalArgumentException(
            ("Task input '%s' is %s: expected a leading extent of %s, one slice for each task;"
                    + " change its shape, or leave it out of the task inputs.")
                .formatted(n, text(inputs.get(n)), tasks));
      }
    }
  }

  private static Map<String, Op.Type> copy(Map<String, Op.Type> types) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(types));
  }

  /** A type as it is named in messages: "F32[2, 3]". */
  static String text(Op.Type t) {
    return "" + t.dtype() + t.shape();
  }

  /** The types of tensors by name. */
  public static Map<String, Op.Type> types(Params p) {
    Map<String, Op.Type> m = new LinkedHashMap<>();
    p.names().forEach(n -> m.put(n, new Op.Type(p.get(n).shape(), p.get(n).dtype())));
    return m;
  }
}
