package io.quickstudy.runtime;

import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.Resident;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A compiled function: set the inputs, run, read the outputs. One thread at a time. */
public final class Compiled implements AutoCloseable {
  private final String name;
  private final Program program;
  private final Signature signature;
  private final Map<String, Tensor> outputs;
  private final List<String> inputNames;
  private final List<String> outputNames;

  /** Inputs are state, inputs, residents; outputs are state, then the rest. */
  Compiled(String name, Program program, Signature signature, Map<String, Tensor> outputs) {
    this.name = name;
    this.program = program;
    this.signature = signature;
    this.outputs = outputs;
    this.inputNames = new ArrayList<>(signature.state().keySet());
    inputNames.addAll(signature.inputs().keySet());
    inputNames.addAll(signature.residents().keySet());
    this.outputNames = List.copyOf(outputs.keySet());
  }

  /** Sets an F32 input for the runs to come, whatever still runs. */
  public void set(String input, float[] values) {
    program.set(index(signature.inputs(), input), values);
  }

  /** Sets an I32 input for the runs to come, whatever still runs. */
  public void set(String input, int[] values) {
    program.set(index(signature.inputs(), input), values);
  }

  /** Gives a resident input its data. */
  public void bind(String resident, Resident data) {
    program.bind(index(signature.residents(), resident), data);
  }

  /** Sets the state; every name must be there with its shape. */
  public void setState(Map<String, Array> values) {
    if (!values.keySet().equals(signature.state().keySet())) {
      throw new IllegalArgumentException(
          name + ": state " + values.keySet() + "; expected " + signature.state().keySet());
    }
    values.forEach(
        (n, a) -> {
          Op.Type type = signature.state().get(n);
          if (!type.shape().equals(a.shape())) {
            throw new IllegalArgumentException(
                name + ": state '" + n + "' has shape " + a.shape() + "; expected " + type.shape());
          }
          program.set(inputNames.indexOf(n), a.data());
        });
  }

  /** The present state. */
  public Map<String, Array> state() {
    Map<String, Array> m = new LinkedHashMap<>();
    signature
        .state()
        .forEach(
            (n, type) -> {
              float[] data = new float[type.shape().size()];
              program.input(inputNames.indexOf(n), data);
              m.put(n, new Array(type.shape(), data));
            });
    return m;
  }

  /**
   * Runs once; the device may still compute when it returns. Reading an output or the state waits.
   */
  public void run() {
    program.run();
  }

  /** An F32 output of the last run. */
  public Array output(String output) {
    Tensor t = outputs.get(output);
    int i = number(output);
    float[] data = new float[t.shape().size()];
    program.get(i, data);
    return new Array(t.shape(), data);
  }

  /** The names of what {@link #output} reads. */
  public List<String> outputs() {
    return outputNames;
  }

  private int number(String output) {
    if (!outputs.containsKey(output)) {
      throw new IllegalArgumentException(
          name + ": no output '" + output + "'; there are " + outputNames);
    }
    return signature.state().size() + outputNames.indexOf(output);
  }

  /** A scalar output of the last run. */
  public float scalar(String output) {
    return output(output).data()[0];
  }

  /** A scalar output of the run before the last, without waiting for the last. */
  public float scalarBefore(String output) {
    float[] data = new float[1];
    program.before(number(output), data);
    return data[0];
  }

  /** Memory held, as it was planned. */
  public MemoryUse memory() {
    return program.memory();
  }

  /** Where the time of a run goes. */
  public String profile(int runs) {
    return program.profile(runs);
  }

  private int index(Map<String, Op.Type> role, String n) {
    if (!role.containsKey(n)) {
      throw new IllegalArgumentException(
          name + ": no input '" + n + "'; expected one of " + role.keySet());
    }
    return inputNames.indexOf(n);
  }

  @Override
  public void close() {
    program.close();
  }
}
