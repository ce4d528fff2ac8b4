package io.quickstudy.exchange.onnx;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * A graph of ONNX under construction. Initialisers are told by the tensors they will be; their
 * numbers come when it is written.
 *
 * <p>Source: the format's description, onnx.proto at github.com/onnx/onnx; field numbers are its.
 */
final class OnnxGraph {
  /**
   * The version of the operators that are used: an old one, which runtimes of years ago read as
   * well. OpenCV 4.6, that of Debian 12, takes a sum's axes as an attribute, as they were until 12.
   */
  static final int OPSET = 11;

  /** The version of the format, the first one for those operators. */
  private static final int IR_VERSION = 6;

  /** The name of the batch axis. */
  static final String BATCH = "batch";

  private static final Map<DType, Integer> TYPES = Map.of(DType.F32, 1, DType.U8, 2, DType.I32, 6);
  private static final int INT64 = 7;
  private static final int ATTRIBUTE_FLOAT = 1;
  private static final int ATTRIBUTE_INT = 2;
  private static final int ATTRIBUTE_INTS = 7;

  /** An operator with its attributes: Long, Float or long[]. */
  private record Node(
      String op, String name, List<String> in, String out, int outputs, Map<String, Object> with) {}

  /** A tensor with its axes in another order and perhaps under another shape of as many numbers. */
  private record Initialiser(Tensor tensor, List<Integer> order, List<Long> dims) {}

  /** An input or output. An extent of -1 is the batch. */
  private record Port(String name, List<Long> dims) {}

  private final List<Node> nodes = new ArrayList<>();
  private final Map<Initialiser, String> constants = new LinkedHashMap<>();
  private final Map<List<Long>, String> lists = new LinkedHashMap<>();
  private final Map<Double, String> scalars = new LinkedHashMap<>();
  private final List<Port> inputs = new ArrayList<>();
  private final List<Port> outputs = new ArrayList<>();
  private final Map<String, String> renamed = new HashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();

  /** The type's number in the format. */
  static long type(DType dtype) {
    return TYPES.get(dtype);
  }

  /** An input of 32-bit floats; an extent of -1 is the batch. */
  String input(String name, List<Long> dims) {
    inputs.add(new Port(name, dims));
    return name;
  }

  /** Makes a value an output under a name of its own. */
  void output(String name, String value, List<Long> dims) {
    boolean taken =
        renamed.containsKey(value) || nodes.stream().noneMatch(n -> n.out().equals(value));
    String made = taken ? node("Identity", List.of(value)) : value;
    renamed.put(made, name);
    outputs.add(new Port(name, dims));
  }

  /** An operator's result. */
  String node(String op, List<String> in) {
    return node(op, in, Map.of());
  }

  /** As {@link #node(String, List)}, with attributes: Long, Float or long[]. */
  String node(String op, List<String> in, Map<String, Object> with) {
    return node(op, in, 1, with);
  }

  /** The last of an operator's results. */
  String node(String op, List<String> in, int results, Map<String, Object> with) {
    String name = fresh(op);
    String out = name.toLowerCase(Locale.ROOT);
    nodes.add(new Node(op, name, List.copyOf(in), out, results, with));
    return out;
  }

  /** Probabilities from an output, which is divided by a temperature. */
  String softmaxOf(String output, double temperature) {
    String logits =
        temperature == 1 ? output : node("Mul", List.of(output, scalar(1 / temperature)));
    return node("Softmax", List.of(logits), Map.of("axis", 1L)); // of [batch, classes]
  }

  /** A name with a number that no other has. */
  private String fresh(String base) {
    int n = counts.merge(base, 1, Integer::sum);
    return base + "_" + n;
  }

  /** A list of whole numbers, for shapes and axes. */
  String list(List<Long> numbers) {
    return lists.computeIfAbsent(numbers, n -> fresh("list"));
  }

  /** One number. */
  String scalar(double value) {
    return scalars.computeIfAbsent(value, v -> fresh("scalar"));
  }

  /**
   * A constant tensor.
   *
   * @param name what to call it if nothing else is called so
   * @param order which of its axes come first, second, ...
   * @param dims the shape it then has
   */
  String constant(String name, Tensor tensor, List<Integer> order, List<Long> dims) {
    return constants.computeIfAbsent(
        new Initialiser(tensor, order, dims),
        i -> constants.containsValue(name) ? fresh(name) : name);
  }

  /** The tensors whose numbers are needed to write it. */
  List<Tensor> constants() {
    return constants.keySet().stream().map(Initialiser::tensor).distinct().toList();
  }

  /** How many operators there are, by name. */
  Map<String, Integer> operators() {
    Map<String, Integer> m = new java.util.TreeMap<>();
    nodes.forEach(n -> m.merge(n.op(), 1, Integer::sum));
    return m;
  }

  /**
   * The file.
   *
   * @param about what it is, one line
   * @param producer the version of this program
   * @param metadata texts by name
   * @param values the numbers of {@link #constants}, row-major
   */
  byte[] write(
      String about,
      String producer,
      Map<String, String> metadata,
      Function<Tensor, float[]> values) {
    Message graph = new Message();
    nodes.forEach(n -> graph.message(1, write(n)));
    graph.text(2, "quickstudy");
    constants.forEach((c, name) -> graph.message(5, write(name, c, values.apply(c.tensor()))));
    lists.forEach((l, name) -> graph.message(5, write(name, l)));
    scalars.forEach(
        (v, name) ->
            graph.message(
                5, tensor(name, List.of(), type(DType.F32), raw(new float[] {v.floatValue()}))));
    graph.text(10, about);
    inputs.forEach(p -> graph.message(11, write(p)));
    outputs.forEach(p -> graph.message(12, write(p)));
    Message model = new Message().number(1, IR_VERSION);
    model.text(2, "quickstudy").text(3, producer).text(6, about).message(7, graph);
    model.message(8, new Message().text(1, "").number(2, OPSET));
    metadata.forEach((k, v) -> model.message(14, new Message().text(1, k).text(2, v)));
    return model.toBytes();
  }

  private String name(String value) {
    return renamed.getOrDefault(value, value);
  }

  private Message write(Node n) {
    Message m = new Message();
    n.in().forEach(i -> m.text(1, name(i)));
    for (int i = 1; i < n.outputs(); i++) {
      m.text(2, n.out() + "_" + i); // nobody reads it
    }
    m.text(2, name(n.out())).text(3, n.name()).text(4, n.op());
    n.with().forEach((k, v) -> m.message(5, attribute(k, v)));
    return m;
  }

  private static Message attribute(String name, Object value) {
    Message m = new Message().text(1, name);
    switch (value) {
      case Float f -> m.real(2, f).number(20, ATTRIBUTE_FLOAT);
      case Long i -> m.number(3, i).number(20, ATTRIBUTE_INT);
      case long[] l -> {
        LongStream.of(l).forEach(i -> m.number(8, i));
        m.number(20, ATTRIBUTE_INTS);
      }
      default -> throw new IllegalStateException("attribute " + name + " of no known type");
    }
    return m;
  }

  private static Message tensor(String name, List<Long> dims, long type, byte[] raw) {
    Message m = new Message();
    dims.forEach(d -> m.number(1, d));
    return m.number(2, type).text(8, name).bytes(9, raw);
  }

  private static Message write(String name, List<Long> numbers) {
    ByteBuffer b = ByteBuffer.allocate(Long.BYTES * numbers.size()).order(ByteOrder.LITTLE_ENDIAN);
    numbers.forEach(b::putLong);
    return tensor(name, List.of((long) numbers.size()), INT64, b.array());
  }

  private static Message write(String name, Initialiser c, float[] values) {
    float[] ordered = ordered(values, c.tensor().shape(), c.order());
    if (c.tensor().dtype() == DType.F32) {
      return tensor(name, c.dims(), type(DType.F32), raw(ordered));
    }
    ByteBuffer b =
        ByteBuffer.allocate(Integer.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float v : ordered) {
      b.putInt((int) v);
    }
    return tensor(name, c.dims(), type(DType.I32), b.array());
  }

  private static byte[] raw(float[] values) {
    ByteBuffer b = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    b.asFloatBuffer().put(values);
    return b.array();
  }

  /** The numbers of a row-major tensor with its axes in another order. */
  private static float[] ordered(float[] values, Shape shape, List<Integer> order) {
    float[] out = new float[values.length];
    int[] strides = shape.strides();
    int[] at = new int[order.size()];
    int from = 0;
    for (int i = 0; i < out.length; i++) {
      out[i] = values[from];
      for (int k = order.size() - 1; k >= 0; k--) {
        int axis = order.get(k);
        from += strides[axis];
        if (++at[k] < shape.dim(axis)) {
          break;
        }
        from -= strides[axis] * at[k];
        at[k] = 0;
      }
    }
    return out;
  }

  private static Message write(Port p) {
    Message shape = new Message();
    for (long d : p.dims()) {
      shape.message(1, d < 0 ? new Message().text(2, BATCH) : new Message().number(1, d));
    }
    Message tensor = new Message().number(1, type(DType.F32)).message(2, shape);
    return new Message().text(1, p.name()).message(2, new Message().message(1, tensor));
  }
}
