package io.quickstudy.suite;

import io.quickstudy.graph.Tensor;
import java.util.List;
import java.util.Map;

/** Something that computes graphs and is compared with the reference: a backend. */
public interface Candidate {
  /** What to call it in messages. */
  String name();

  /**
   * The values of the outputs, row-major, whatever their kind of number.
   *
   * @param outputs any nodes, arguments and constants among them, perhaps one twice
   * @param arguments numbers for at least every argument the outputs depend on; those of F32 are
   *     exact as 32-bit floats
   */
  List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments);

  /**
   * The values by name, once for each way of computing them whose roundings may be others, where
   * what {@link #run} gives is one of several: whole, and cut along the tasks. Each has to be as
   * near to the reference as one.
   */
  default Map<String, List<double[]>> ways(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    return Map.of("whole", run(outputs, arguments));
  }
}
