package io.quickstudy.runtime;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.Resident;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Tensor;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A compiled function: set the inputs, run, read the outputs. One thread at a time.
 *
 * <p>What was never set cannot run, and what was never computed cannot be read: both throw {@link
 * IllegalStateException}. So it is after a run that failed, which leaves neither outputs nor state.
 */
public final class Compiled implements AutoCloseable {
  private final String name;
  private final Program program;
  private final Signature signature;
  private final Map<String, Tensor> outputs;

  /** The program's inputs by name, role by role: state, inputs, residents. */
  private final Map<String, Integer> stateIndex;

  private final Map<String, Integer> inputIndex;
  private final Map<String, Integer> residentIndex;

  /** The program's outputs by name, behind those that are the next state. */
  private final Map<String, Integer> outputIndex;

  /** The program's inputs that have no value yet. */
  private final BitSet missing = new BitSet();

  private Results results = Results.NONE;

  private enum Results {
    NONE,
    THERE,
    FAILED
  }

  /** The program's inputs are state, inputs, residents; its outputs are state, then the rest. */
  Compiled(String name, Program program, Signature signature, Map<String, Tensor> outputs) {
    this.name = name;
    this.program = program;
    this.signature = signature;
    this.outputs = outputs;
    int states = signature.state().size();
    int inputs = signature.inputs().size();
    this.stateIndex = numbered(signature.state().keySet(), 0);
    this.inputIndex = numbered(signature.inputs().keySet(), states);
    this.residentIndex = numbered(signature.residents().keySet(), states + inputs);
    this.outputIndex = numbered(outputs.keySet(), states);
    missing.set(0, states + inputs + signature.residents().size());
  }

  private static Map<String, Integer> numbered(Collection<String> names, int first) {
    Map<String, Integer> m = new LinkedHashMap<>();
    for (String n : names) {
      m.put(n, first + m.size());
    }
    return m;
  }

  /**
   * Sets an F32 input for the runs to come, whatever still runs.
   *
   * @throws IllegalArgumentException if there is no such input, or it takes other numbers
   */
  public void set(String input, float[] values) {
    int i = input(input, DType.F32, values == null ? -1 : values.length);
    program.set(i, values);
    missing.clear(i);
  }

  /**
   * Sets an I32 input for the runs to come, whatever still runs.
   *
   * @throws IllegalArgumentException if there is no such input, or it takes other numbers
   */
  public void set(String input, int[] values) {
    int i = input(input, DType.I32, values == null ? -1 : values.length);
    program.set(i, values);
    missing.clear(i);
  }

  private int input(String input, DType dtype, int length) {
    int i = index("input", inputIndex, input);
    Op.Type type = signature.inputs().get(input);
    if (type.dtype() != dtype || type.shape().size() != length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: input '%s' was given %s: expected %,d numbers for %s; give these.",
              name,
              input,
              length < 0 ? "null" : String.format(Locale.ROOT, "%,d numbers of %s", length, dtype),
              type.shape().size(),
              Signature.text(type)));
    }
    return i;
  }

  /**
   * Gives a resident input its data.
   *
   * @throws IllegalArgumentException if there is no such resident, or the data is of another type
   *     or device
   */
  public void bind(String resident, Resident data) {
    int i = index("resident", residentIndex, resident);
    if (data == null) {
      throw new IllegalArgumentException(
          "%s: resident '%s' was given null: expected data that was uploaded; call Engine.upload."
              .formatted(name, resident));
    }
    program.bind(i, data);
    missing.clear(i);
  }

  /** Sets the state; every name must be there with its shape. */
  public void setState(Map<String, Array> values) {
    if (!values.keySet().equals(signature.state().keySet())) {
      throw new IllegalArgumentException(
          "%s: state %s was given: expected %s; give each of these."
              .formatted(name, values.keySet(), signature.state().keySet()));
    }
    values.forEach(
        (n, a) -> {
          Op.Type type = signature.state().get(n);
          if (!type.shape().equals(a.shape())) {
            throw new IllegalArgumentException(
                "%s: state '%s' was given shape %s: expected %s; give that many numbers."
                    .formatted(name, n, a.shape(), type.shape()));
          }
        });
    values.forEach((n, a) -> program.set(stateIndex.get(n), a.data()));
    missing.clear(0, stateIndex.size());
  }

  /**
   * The present state.
   *
   * @throws IllegalStateException if it was never set
   */
  public Map<String, Array> state() {
    require(stateIndex.values());
    Map<String, Array> m = new LinkedHashMap<>();
    signature
        .state()
        .forEach(
            (n, type) -> {
              float[] data = new float[type.shape().size()];
              guarded(p -> p.input(stateIndex.get(n), data));
              m.put(n, new Array(type.shape(), data));
            });
    return m;
  }

  /**
   * Runs once; the device may still compute when it returns. Reading an output or the state waits.
   *
   * @throws IllegalStateException if an input, a resident or the state was never set
   * @throws BackendException if a kernel found bad values, such as a label that is no class, in
   *     this run or the one before; whatever reads what a run left throws it too
   */
  public void run() {
    requireAll();
    guarded(Program::run);
    results = Results.THERE;
  }

  /** Has the program do something that may find out that a run failed. */
  private void guarded(Consumer<Program> what) {
    try {
      what.accept(program);
    } catch (BackendException e) {
      results = Results.FAILED;
      missing.set(0, stateIndex.size());
      throw e;
    }
  }

  private void requireAll() {
    if (!missing.isEmpty()) {
      throw unset(missing.nextSetBit(0));
    }
  }

  private void require(Collection<Integer> inputs) {
    for (int i : inputs) {
      if (missing.get(i)) {
        throw unset(i);
      }
    }
  }

  private IllegalStateException unset(int i) {
    String failed = results == Results.FAILED ? " since a run failed" : "";
    String what =
        i < stateIndex.size()
            ? "state '%s' was never set%s: expected values before it runs or is read; call setState"
                .formatted(named(stateIndex, i), failed)
            : inputIndex.containsValue(i)
                ? "input '%1$s' was never set: expected values before it runs; call set(\"%1$s\", ...)"
                    .formatted(named(inputIndex, i))
                : "resident '%1$s' was never bound: expected data before it runs; call bind(\"%1$s\", ...)"
                    .formatted(named(residentIndex, i));
    return new IllegalStateException("%s: %s first.".formatted(name, what));
  }

  private static String named(Map<String, Integer> index, int i) {
    return List.copyOf(index.keySet()).get(i - index.values().iterator().next());
  }

  /**
   * An F32 output of the last run.
   *
   * @throws IllegalArgumentException if there is no such output, or it is of another kind
   * @throws IllegalStateException if there was no run
   */
  public Array output(String output) {
    Tensor t = computed(output, DType.F32);
    float[] data = new float[t.shape().size()];
    guarded(p -> p.get(outputIndex.get(output), data));
    return new Array(t.shape(), data);
  }

  /** As {@link #output}, for an I32 output, row-major: indices, labels. */
  public int[] ints(String output) {
    int[] data = new int[computed(output, DType.I32).shape().size()];
    guarded(p -> p.get(outputIndex.get(output), data));
    return data;
  }

  /** As {@link #output}, for a U8 output, row-major: bytes that stand for 0 to 255. */
  public byte[] bytes(String output) {
    byte[] data = new byte[computed(output, DType.U8).shape().size()];
    guarded(p -> p.get(outputIndex.get(output), data));
    return data;
  }

  /** The names of what can be read after a run. */
  public List<String> outputs() {
    return List.copyOf(outputIndex.keySet());
  }

  /** An output that was computed, of the kind that is to be read. */
  private Tensor computed(String output, DType wanted) {
    index("output", outputIndex, output);
    Tensor t = outputs.get(output);
    if (t.dtype() != wanted) {
      String reader =
          switch (t.dtype()) {
            case F32 -> "output";
            case I32 -> "ints";
            case U8 -> "bytes";
          };
      throw new IllegalArgumentException(
          "%s: output '%s' is %s%s: expected %s; read it with %s."
              .formatted(name, output, t.dtype(), t.shape(), wanted, reader));
    }
    if (results != Results.THERE) {
      throw new IllegalStateException(
          "%s: output '%s' was not computed%s: expected a run before it is read; call run first."
              .formatted(
                  name, output, results == Results.FAILED ? ", as the last run failed" : ""));
    }
    return t;
  }

  /**
   * A scalar output of the last run.
   *
   * @throws IllegalArgumentException if there is no such output, or it has more than one number
   */
  public float scalar(String output) {
    single(output);
    return output(output).data()[0];
  }

  /** A scalar output of the run before the last, without waiting for the last. */
  public float scalarBefore(String output) {
    computed(output, DType.F32);
    single(output);
    float[] data = new float[1];
    guarded(p -> p.before(outputIndex.get(output), data));
    return data[0];
  }

  private void single(String output) {
    index("output", outputIndex, output);
    Tensor t = outputs.get(output);
    if (t.shape().size() != 1) {
      throw new IllegalArgumentException(
          "%s: output '%s' is %s%s: expected a single number; read it with output."
              .formatted(name, output, t.dtype(), t.shape()));
    }
  }

  /** Memory held, as it was planned. */
  public MemoryUse memory() {
    return program.memory();
  }

  /**
   * Where the time of a run goes.
   *
   * @throws IllegalStateException if an input, a resident or the state was never set
   */
  public String profile(int runs) {
    requireAll();
    return program.profile(runs);
  }

  private int index(String role, Map<String, Integer> numbers, String n) {
    Integer i = numbers.get(n);
    if (i == null) {
      throw new IllegalArgumentException(
          "%s: there is no %s '%s': expected one of %s; use one of these."
              .formatted(name, role, n, numbers.keySet()));
    }
    return i;
  }

  @Override
  public void close() {
    program.close();
  }
}
