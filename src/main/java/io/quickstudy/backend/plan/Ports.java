package io.quickstudy.backend.plan;

import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A program's inputs and outputs as buffers, and the checks of what a caller gives and takes. */
public final class Ports {
  private final ProgramSpec spec;
  private final List<Buffer> inputs = new ArrayList<>();
  private final List<Buffer> outputs = new ArrayList<>();
  private final Map<Tensor, Buffer> where = new IdentityHashMap<>();

  /** The inputs of a program; outputs are added when it is known where they go. */
  Ports(ProgramSpec spec) {
    this.spec = spec;
    int bindings = 0;
    for (int i = 0; i < spec.inputs().size(); i++) {
      Tensor t = spec.inputs().get(i);
      Buffer b =
          spec.residents().contains(i)
              ? Buffer.bound("" + t, t.dtype(), t.shape().size(), bindings++)
              : new Buffer("" + t, t.dtype(), t.shape().size(), Buffer.Space.SHARED);
      inputs.add(b);
      where.put(t, b);
    }
  }

  /** A buffer for each input, in the program's order. */
  public List<Buffer> inputs() {
    return inputs;
  }

  /** A buffer for each output, in the program's order; to be filled by who lays them out. */
  public List<Buffer> outputs() {
    return outputs;
  }

  /** Where the arguments lie. */
  Map<Tensor, Buffer> where() {
    return where;
  }

  /** The inputs that have memory of the program's own: first those that no output is carried to. */
  List<Buffer> owned() {
    List<Buffer> all = new ArrayList<>(fed());
    for (Buffer b : inputs) {
      if (b.space() != Buffer.Space.BOUND && !all.contains(b)) {
        all.add(b);
      }
    }
    return all;
  }

  /** The inputs that only a caller sets; they lie one behind the other. */
  public List<Buffer> fed() {
    List<Buffer> all = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).space() != Buffer.Space.BOUND && !spec.carry().containsValue(i)) {
        all.add(inputs.get(i));
      }
    }
    return all;
  }

  /** The small outputs that are not carried; they lie one behind the other. */
  public List<Buffer> small() {
    List<Buffer> all = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      if (isSmall(i) && !all.contains(outputs.get(i))) {
        all.add(outputs.get(i));
      }
    }
    return all;
  }

  private boolean isSmall(int output) {
    Buffer b = outputs.get(output);
    return b.dtype() == DType.F32
        && b.elements() <= Program.SMALL
        && !spec.carry().containsKey(output);
  }

  /**
   * The buffer of an output that is kept for one more run.
   *
   * @throws IllegalArgumentException if it is none, or has another number of elements
   */
  public Buffer checkedSmall(int output, int length) {
    Buffer b = checked(outputs, output, DType.F32, length);
    if (!isSmall(output)) {
      throw new IllegalArgumentException(
          "%s: %s is not kept for another run; expected an output that is not carried, of at most"
                  .formatted(spec.name(), b.name())
              + " %s numbers".formatted(Program.SMALL));
    }
    return b;
  }

  /** Copies from outputs to the inputs they are carried to. */
  Segment carry() {
    List<Tensor> from = new ArrayList<>();
    List<Buffer> to = new ArrayList<>();
    Map<Tensor, Buffer> arguments = new IdentityHashMap<>();
    spec.carry()
        .forEach(
            (o, i) -> {
              Tensor t = spec.outputs().get(o);
              if (t != spec.inputs().get(i)) {
                Tensor a = Tensor.argument("carried", t.dtype(), t.shape());
                arguments.put(a, outputs.get(o));
                from.add(a);
                to.add(inputs.get(i));
              }
            });
    return new Segment(1, 0, from, to, arguments);
  }

  /**
   * The buffer of an input or output that numbers are copied to or from.
   *
   * @throws IllegalArgumentException if it holds another kind or number of them, or bound data
   */
  public Buffer checked(List<Buffer> ports, int i, DType dtype, int length) {
    Buffer b = ports.get(i);
    if (b.dtype() != dtype || b.elements() != length || b.space() == Buffer.Space.BOUND) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: %,d numbers of %s for %s; expected %,d of %s",
              spec.name(),
              length,
              dtype,
              b.name(),
              b.elements(),
              b.dtype()));
    }
    return b;
  }

  /**
   * Checks that every resident input has its data, and that this is still there.
   *
   * @throws IllegalStateException naming the first that has none
   */
  public void requireBound(Map<Integer, ? extends Resident> bound) {
    for (int i : spec.residents()) {
      Resident data = bound.get(i);
      if (data == null || data.isClosed()) {
        throw new IllegalStateException(
            "%s: resident input %s %s: expected its data as long as it runs; bind other data first."
                .formatted(
                    spec.name(),
                    spec.inputs().get(i),
                    data == null ? "was never bound" : "is closed"));
      }
    }
  }

  /**
   * Data to bind to an input, as the backend's own kind.
   *
   * @throws IllegalArgumentException if it is another device's, of another type, or the input takes
   *     none
   */
  public <R extends Resident> R checked(int input, Resident data, Class<R> kind) {
    Tensor t = spec.inputs().get(input);
    if (!kind.isInstance(data)
        || data.dtype() != t.dtype()
        || !data.shape().equals(t.shape())
        || !spec.residents().contains(input)) {
      throw new IllegalArgumentException(
          "%s: data %s%s for %s; expected a resident of this device, %s%s"
              .formatted(spec.name(), data.dtype(), data.shape(), t, t.dtype(), t.shape()));
    }
    return kind.cast(data);
  }
}
