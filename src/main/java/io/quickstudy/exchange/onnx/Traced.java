package io.quickstudy.exchange.onnx;

import io.quickstudy.graph.CustomVjp;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.transform.Graphs;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A function of constants and one batch of inputs, as a graph of ONNX with all constants known. */
final class Traced {
  /** What is exported: a function that builds graph, once for each size of the batch. */
  interface Body {
    /** Outputs by name, from the constants and the inputs [n, ...]. */
    Params of(Params constants, Tensor inputs);
  }

  private final OnnxGraph graph = new OnnxGraph();
  private final Map<Tensor, float[]> values = new IdentityHashMap<>();
  private final Map<String, List<Long>> outputs = new LinkedHashMap<>();

  /**
   * Traces, translates, and computes what depends on no input.
   *
   * @param constants by name
   * @param input what the inputs are called
   * @param example the shape of one of them
   * @param order which axes of a batch of them come first in ONNX
   * @throws io.quickstudy.run.RunException if there is no counterpart in ONNX
   */
  Traced(
      Engine engine,
      Map<String, Array> constants,
      String input,
      Shape example,
      List<Integer> order,
      Body body) {
    Map<String, Op.Type> types = new LinkedHashMap<>();
    constants.forEach((n, a) -> types.put(n, new Op.Type(a.shape(), DType.F32)));
    List<Tensor> wanted = new ArrayList<>();
    Function f =
        (state, inputs, residents) -> {
          state.names().forEach(n -> values.put(state.get(n), constants.get(n).data()));
          trace(state, input, example, order, body);
          wanted.addAll(graph.constants());
          wanted.removeAll(state.values());
          // indices too: whole numbers below 2^24 are exact
          UnaryOperator<Tensor> asFloats = t -> Ops.convert(t, DType.F32);
          Params computed = Params.of(wanted).map(asFloats).under("constant");
          // a program has to have a result
          return new Function.Result(state, computed.with("none", Ops.scalar(0)));
        };
    Signature signature = new Signature(types, Map.of(), Map.of(), 1, Set.of());
    try (Compiled c = engine.compile("export", signature, f)) {
      c.setState(constants);
      c.run();
      for (int i = 0; i < wanted.size(); i++) {
        values.put(wanted.get(i), c.output("constant." + i).data());
      }
    }
  }

  private void trace(Params state, String input, Shape example, List<Integer> order, Body body) {
    Tensor first = Tensor.argument(input, DType.F32, example.prepend(Twin.FIRST));
    Tensor second = Tensor.argument(input, DType.F32, example.prepend(Twin.SECOND));
    Params a = plain(body.of(state, first));
    Params b = plain(body.of(state, second));
    List<Twin> roots = a.names().stream().map(n -> new Twin(a.get(n), b.get(n))).toList();
    Translator t = new Translator(graph, new Twin(first, second), input, order, roots);
    List<String> names = List.copyOf(a.names());
    for (int i = 0; i < names.size(); i++) {
      List<Long> extents = roots.get(i).extents();
      graph.output(names.get(i), t.result(roots.get(i)), extents);
      outputs.put(names.get(i), extents);
    }
  }

  /**
   * Without aliases, stops and custom gradients, which are new at every tracing and mean nothing
   * behind gradients.
   */
  private static Params plain(Params outputs) {
    Map<Tensor, Tensor> done = new IdentityHashMap<>();
    for (Tensor t : Graphs.order(outputs.values())) {
      List<Tensor> in = t.inputs().stream().map(done::get).toList();
      boolean none =
          t.op() instanceof Elementwise.Alias
              || t.op() instanceof Elementwise.Stop
              || t.op() instanceof CustomVjp;
      done.put(t, none ? in.get(0) : in.equals(t.inputs()) ? t : Tensor.of(t.op(), in));
    }
    return outputs.map(done::get);
  }

  /** Outputs by name, with their extents, of which -1 is the batch. */
  Map<String, List<Long>> outputs() {
    return outputs;
  }

  /**
   * Adds the probabilities of classes, from logits [n, ways] that are an output already.
   *
   * @param temperature that these are divided by
   */
  void softmax(String logits, String name, double temperature) {
    String y = graph.softmaxOf(logits, temperature);
    graph.output(name, y, outputs.get(logits));
    outputs.put(name, outputs.get(logits));
  }

  /** How many operators there are, by name. */
  Map<String, Integer> operators() {
    return graph.operators();
  }

  /** The file. */
  byte[] write(String about, String producer, Map<String, String> metadata) {
    return graph.write(about, producer, metadata, values::get);
  }
}
