package io.quickstudy.runtime;

import io.quickstudy.graph.Op;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The types of a function's named arguments, by role.
 *
 * @param state stays on the device; the function returns its next value under the same names
 * @param inputs are set before every run
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

  /** The types of tensors by name. */
  public static Map<String, Op.Type> types(Params p) {
    Map<String, Op.Type> m = new LinkedHashMap<>();
    p.names().forEach(n -> m.put(n, new Op.Type(p.get(n).shape(), p.get(n).dtype())));
    return m;
  }
}
