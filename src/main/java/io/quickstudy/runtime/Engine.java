package io.quickstudy.runtime;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.Resident;
import io.quickstudy.backend.cpu.CpuBackend;
import io.quickstudy.backend.cuda.CudaBackend;
import io.quickstudy.backend.cuda.CudaCost;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.transform.Params;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** A device and the functions compiled for it. Close it to free all that was uploaded. */
public final class Engine implements AutoCloseable {
  private static final String CUDA = "cuda(:[0-9]{1,4})?";
  private static final String AUTO = "auto";

  /** Says what "auto" is on a machine, in place of looking for a GPU. */
  private static final String VARIABLE = "QUICKSTUDY_DEVICE";

  private final Backend backend;
  private final String note;

  private Engine(Backend backend, String note) {
    this.backend = backend;
    this.note = note;
  }

  /**
   * Opens a device.
   *
   * @param device "cpu", "cuda" or "cuda:i" for a GPU, or "auto": the first GPU, if it can be used,
   *     else the CPU; {@code QUICKSTUDY_DEVICE}, if it is set, names another
   * @param workers threads that the CPU backend uses, at least 1
   * @param precision of convolutions and products; the CPU has FP32 alone
   * @throws BackendException if the device is unknown, not usable, or without the precision
   */
  public static Engine open(String device, int workers, Precision precision) {
    if (device != null && device.matches(CUDA)) {
      int index = device.contains(":") ? Integer.parseInt(device.replace("cuda:", "")) : 0;
      return new Engine(CudaBackend.open(index, precision), null);
    }
    if (precision == Precision.TF32 && Set.of("cpu", AUTO).contains(String.valueOf(device))) {
      throw new BackendException(
          "Precision 'tf32' needs a CUDA device, and device '%s' %s the CPU: say --device cuda, or --precision fp32."
              .formatted(device, device.equals(AUTO) ? "may be" : "is"));
    }
    return switch (String.valueOf(device)) {
      case "cpu" -> new Engine(new CpuBackend(workers), null);
      case AUTO -> auto(workers, System.getenv(VARIABLE));
      default ->
          throw new BackendException(
              "Device '" + device + "' is not known: expected 'auto', 'cpu', 'cuda' or 'cuda:1'.");
    };
  }

  /** A backend that is open, which is closed with this. */
  public static Engine on(Backend backend) {
    return new Engine(backend, null);
  }

  private static Engine auto(int workers, String named) {
    if (named == null || named.isBlank() || named.equals(AUTO)) {
      return best(workers, () -> CudaBackend.withRoom(0, Precision.FP32));
    }
    if (!named.equals("cpu") && !named.matches(CUDA)) {
      throw new BackendException(
          "%s is '%s': expected 'auto', 'cpu', 'cuda' or 'cuda:1'.".formatted(VARIABLE, named));
    }
    Engine e = open(named, workers, Precision.FP32);
    return new Engine(e.backend, "using %s: %s says so".formatted(e.called(), VARIABLE));
  }

  /** A GPU that opens and computes a first program rightly, else the CPU. */
  static Engine best(int workers, Supplier<? extends Backend> gpu) {
    try {
      Engine e = new Engine(proved(gpu), null);
      return new Engine(e.backend, "using " + e.called());
    } catch (BackendException | IllegalStateException | LinkageError e) {
      return new Engine(new CpuBackend(workers), "using the CPU: " + e.getMessage());
    }
  }

  private static Backend proved(Supplier<? extends Backend> gpu) {
    Backend found = gpu.get();
    try {
      FirstProgram.run(found);
      return found;
    } catch (RuntimeException | Error e) {
      found.close();
      throw e;
    }
  }

  private String called() {
    String gpu = describe().get("gpu");
    return device().equals("cpu") ? "the CPU" : device() + (gpu == null ? "" : ", " + gpu);
  }

  /** What "auto" took and why, in a sentence; nothing where a device was asked for by name. */
  public Optional<String> note() {
    return Optional.ofNullable(note);
  }

  /** Why the first GPU cannot be used, in a sentence; nothing if it can. */
  public static Optional<String> cudaProblem() {
    try {
      proved(() -> CudaBackend.withRoom(0, Precision.FP32)).close();
      return Optional.empty();
    } catch (BackendException | IllegalStateException | LinkageError e) {
      return Optional.of(e.getMessage());
    }
  }

  /** The libraries that CUDA needs, by name: where each was found, or how to get it. */
  public static Map<String, String> cudaLibraries() {
    return CudaBackend.libraries();
  }

  /** The device as it is named in results. */
  public String device() {
    return backend.device();
  }

  /** Whether several threads may compile and run at once, each function by one thread. */
  public boolean concurrent() {
    return backend.concurrent();
  }

  /** What was found, by name. */
  public Map<String, String> describe() {
    return backend.describe();
  }

  /** What was measured and chosen for what was compiled so far; kept with a run. */
  public Map<String, String> choices() {
    return backend.choices();
  }

  /** Has what is compiled from now on go by the choices of an earlier run. */
  public void repeat(Map<String, String> choices) {
    backend.repeat(choices);
  }

  /** Copies data to the device; what is direct and read-only is not copied on the CPU. */
  public Resident upload(DType dtype, Shape shape, ByteBuffer data) {
    return backend.upload(dtype, shape, data);
  }

  /** Copies numbers to the device. */
  public Resident upload(Array numbers) {
    return backend.upload(numbers.shape(), numbers.data());
  }

  /**
   * Traces a function with the types of its arguments and compiles it, whatever memory it takes.
   */
  public Compiled compile(String name, Signature signature, Function f) {
    return compile(name, signature, MemoryLimit.NONE, f);
  }

  /**
   * Traces a function with the types of its arguments and compiles it.
   *
   * @param limit the most memory that it may take
   * @throws BackendException if there is not enough memory, saying what would fit
   */
  public Compiled compile(String name, Signature signature, MemoryLimit limit, Function f) {
    Trace t = Trace.of(name, signature, f);
    return new Compiled(name, backend.compile(t.spec(), limit), signature, t.outputs());
  }

  /**
   * The least memory with which {@link #compile(String, Signature, MemoryLimit, Function)} has a
   * function run here, with as few tasks at once and as much recomputation as that takes. Nothing
   * is compiled or allocated for it.
   */
  public MemoryUse leastMemory(String name, Signature signature, Function f) {
    return backend.leastMemory(Trace.of(name, signature, f).spec());
  }

  /** What each step of a function would ask of a GPU; none is needed to count it. */
  public static List<CudaCost> costs(
      String name, Signature signature, Function f, Precision precision) {
    return CudaCost.of(Trace.of(name, signature, f).spec(), precision);
  }

  /** Computes tensors that depend on no argument, such as initial parameters. */
  public Map<String, Array> evaluate(Params constants) {
    Signature none = new Signature(Map.of(), Map.of(), Map.of(), 1, Set.of());
    try (Compiled c =
        compile("constants", none, (s, i, r) -> new Function.Result(Params.empty(), constants))) {
      c.run();
      Map<String, Array> out = new LinkedHashMap<>();
      constants.names().forEach(n -> out.put(n, c.output(n)));
      return out;
    }
  }

  @Override
  public void close() {
    backend.close();
  }
}
