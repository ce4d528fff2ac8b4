package io.quickstudy.backend;

import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Tensor;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to compile: a graph and the roles of its inputs.
 *
 * @param name for messages and profiles
 * @param inputs the arguments, in the order in which values are set
 * @param outputs the results, in the order in which they are read
 * @param residents inputs whose data is bound with {@link Program#bind} and not copied
 * @param carry from outputs to inputs (by position): after each run such an output becomes the
 *     value of its input for the next one
 * @param tasks the extent of the task axis, 1 where there is none
 * @param taskInputs inputs whose leading axis is the task axis: what depends on one slice of it
 *     alone may be computed task by task
 */
public record ProgramSpec(
    String name,
    List<Tensor> inputs,
    List<Tensor> outputs,
    Set<Integer> residents,
    Map<Integer, Integer> carry,
    int tasks,
    Set<Integer> taskInputs) {

  /**
   * Checks that the roles fit the tensors.
   *
   * @throws IllegalArgumentException if they do not, or the outputs depend on an argument that is
   *     no input, such as one of another trace
   */
  public ProgramSpec {
    Set<Tensor> arguments = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Tensor t : inputs) {
      if (!(t.op() instanceof Leaf.Argument)) {
        throw new IllegalArgumentException(name + ": input " + t + " is not an argument");
      }
      if (!arguments.add(t)) {
        throw new IllegalArgumentException(
            "%s: argument %s is an input twice: expected each once; make another for the second."
                .formatted(name, text(t)));
      }
    }
    refuseForeign(name, arguments, outputs);
    carry.forEach(
        (o, i) -> {
          Tensor from = outputs.get(o);
          Tensor to = inputs.get(i);
          if (!from.shape().equals(to.shape()) || from.dtype() != to.dtype()) {
            throw new IllegalArgumentException(
                name
                    + ": output "
                    + from
                    + " cannot be carried to input "
                    + to
                    + "; their types must agree");
          }
        });
    for (int i : taskInputs) {
      if (inputs.get(i).rank() < 1 || inputs.get(i).dim(0) != tasks) {
        throw new IllegalArgumentException(
            name + ": input " + inputs.get(i) + " has no task axis of extent " + tasks);
      }
    }
  }

  /** Every argument that the outputs depend on must be an input. */
  private static void refuseForeign(String name, Set<Tensor> inputs, List<Tensor> outputs) {
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Tensor> todo = new ArrayDeque<>(outputs);
    while (!todo.isEmpty()) {
      Tensor t = todo.pop();
      if (!seen.add(t)) {
        continue;
      }
      if (t.op() instanceof Leaf.Argument && !inputs.contains(t)) {
        throw new IllegalArgumentException(
            ("%s: the outputs depend on argument %s, which is not its own: expected only %s; use"
                 + " what the function is given, not what another trace or a vmap or grad around it"
                 + " was.")
                .formatted(
                    name, text(t), inputs.stream().map(ProgramSpec::text).sorted().toList()));
      }
      t.inputs().forEach(todo::push);
    }
  }

  private static String text(Tensor t) {
    return "'%s' %s%s".formatted(((Leaf.Argument) t.op()).name(), t.dtype(), t.shape());
  }
}
