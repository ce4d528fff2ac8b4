package io.quickstudy.runtime;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.Resident;
import io.quickstudy.backend.cpu.CpuBackend;
import io.quickstudy.backend.cuda.CudaBackend;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.transform.Params;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A device and the functions compiled for it. Close it to free all that was uploaded. */
public final class Engine implements AutoCloseable {
  private static final String CUDA = "cuda(:[0-9]{1,4})?";

  private final Backend backend;
  private final String note;

  private Engine(Backend backend, String note) {
    this.backend = backend;
    this.note = note;
  }

  /**
   * Opens a device.
   *
   * @param device "cpu", "cuda" or "cuda:i" for a GPU, or "auto" for the best proved one: the CPU,
   *     so far
   * @param workers threads that the CPU backend uses, at least 1
   * @param precision of convolutions and products; the CPU has FP32 alone
   * @throws BackendException if the device is unknown, not usable, or without the precision
   */
  public static Engine open(String device, int workers, Precision precision) {
    if (device != null && device.matches(CUDA)) {
      int index = device.contains(":") ? Integer.parseInt(device.replace("cuda:", "")) : 0;
      return new Engine(CudaBackend.open(index, precision), null);
    }
    if (precision == Precision.TF32 && Set.of("cpu", "auto").contains(String.valueOf(device))) {
      throw new BackendException(
          "Precision 'tf32' needs a CUDA device, and device '%s' is the CPU: say --device cuda, or --precision fp32."
              .formatted(device));
    }
    return switch (String.valueOf(device)) {
      case "cpu" -> new Engine(new CpuBackend(workers), null);
      case "auto" -> best(workers);
      default ->
          throw new BackendException(
              "Device '" + device + "' is not known: expected 'auto', 'cpu', 'cuda' or 'cuda:1'.");
    };
  }

  /** A backend that is open, which is closed with this. */
  public static Engine on(Backend backend) {
    return new Engine(backend, null);
  }

  /**
   * The CPU: what the CUDA backend got since its one run on a GPU is not proved there, so nobody
   * gets it who did not ask for it.
   */
  private static Engine best(int workers) {
    String why;
    try (CudaBackend found = CudaBackend.open(0, Precision.FP32)) {
      why =
          "A GPU is there (%s), but the newest CUDA code is not proved on one yet: say --device cuda to try it."
              .formatted(found.device());
    } catch (BackendException e) {
      why = e.getMessage();
    }
    return new Engine(new CpuBackend(workers), why);
  }

  /** Why "auto" took the CPU, in a sentence; nothing where a device was asked for by name. */
  public Optional<String> note() {
    return Optional.ofNullable(note);
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
