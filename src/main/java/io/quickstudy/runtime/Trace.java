package io.quickstudy.runtime;

import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Simplifier;
import io.quickstudy.transform.Verifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A function as graph, ready for a backend.
 *
 * @param spec inputs are state, inputs, residents; outputs are the next state, then the rest
 * @param outputs the rest by name
 */
record Trace(ProgramSpec spec, Map<String, Tensor> outputs) {
  /**
   * Traces a function with placeholders of the types of its arguments.
   *
   * @throws IllegalArgumentException if it returns other state than it was given, or depends on an
   *     argument of another trace
   */
  static Trace of(String name, Signature signature, Function f) {
    Params state = arguments(signature.state());
    Params inputs = arguments(signature.inputs());
    Params residents = arguments(signature.residents());
    Function.Result result = f.apply(state, inputs, residents);
    if (result == null || result.state() == null || result.outputs() == null) {
      throw new IllegalArgumentException(
          "%s: the function returned null: expected its next state and its outputs; return Params.empty() where there are none."
              .formatted(name));
    }
    checkState(name, signature, result);
    List<Tensor> outputs = new ArrayList<>();
    Map<Integer, Integer> carry = new HashMap<>();
    for (String n : state.names()) {
      carry.put(outputs.size(), outputs.size());
      outputs.add(result.state().get(n));
    }
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (String n : result.outputs().names()) {
      named.put(n, result.outputs().get(n));
      outputs.add(result.outputs().get(n));
    }
    Verifier.verify("tracing " + name, outputs);
    List<Tensor> simple = Simplifier.simplify(outputs);
    Verifier.verify("simplifying " + name, simple);

    List<Tensor> arguments = new ArrayList<>(state.values());
    Set<Integer> taskInputs = new HashSet<>();
    for (String n : inputs.names()) {
      if (signature.taskInputs().contains(n)) {
        taskInputs.add(arguments.size());
      }
      arguments.add(inputs.get(n));
    }
    Set<Integer> bound = new HashSet<>();
    for (Tensor r : residents.values()) {
      bound.add(arguments.size());
      arguments.add(r);
    }
    ProgramSpec spec =
        new ProgramSpec(name, arguments, simple, bound, carry, signature.tasks(), taskInputs);
    return new Trace(spec, named);
  }

  private static void checkState(String name, Signature signature, Function.Result result) {
    if (!result.state().names().equals(signature.state().keySet())) {
      throw new IllegalArgumentException(
          "%s: the function returned state %s: expected %s; return the next value of each."
              .formatted(name, result.state().names(), signature.state().keySet()));
    }
    signature
        .state()
        .forEach(
            (n, type) -> {
              Tensor next = result.state().get(n);
              if (next.dtype() != type.dtype() || !next.shape().equals(type.shape())) {
                throw new IllegalArgumentException(
                    "%s: the function returned state '%s' as %s%s: expected %s, as it was given; keep its type."
                        .formatted(name, n, next.dtype(), next.shape(), Signature.text(type)));
              }
            });
  }

  private static Params arguments(Map<String, Op.Type> types) {
    Map<String, Tensor> m = new LinkedHashMap<>();
    types.forEach((n, t) -> m.put(n, Tensor.argument(n, t.dtype(), t.shape())));
    return Params.of(m);
  }
}
