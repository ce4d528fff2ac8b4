package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.kernels.Grid;
import io.quickstudy.backend.cuda.kernels.KernelCache;
import io.quickstudy.backend.plan.Step;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The kernels that are generated for a program's loops and small products. Addresses come as
 * arguments, so that groups of loops that do the same elsewhere have one kernel. Names are digests
 * of what a kernel does.
 */
public final class LoopKernels implements AutoCloseable {
  /** Kernels of one source; several sources are compiled at once. */
  private static final int OF_A_SOURCE = 4;

  /** Where a launch's addresses say what a reduction in slices leaves its parts in. */
  public static final int SUMS = CudaDriver.Launch.POINTERS - 2;

  /** Where they say what counts its blocks. */
  public static final int COUNTERS = CudaDriver.Launch.POINTERS - 1;

  private static final int DIGITS = 16;

  private final Map<String, String> functions = new LinkedHashMap<>();
  private final Map<String, Kernel> kernels = new LinkedHashMap<>();
  private final Map<Step, Optional<Call>> calls = new IdentityHashMap<>();
  private final List<String> others = new ArrayList<>();
  private CudaDriver.Module module;

  private record Kernel(String name, Set<String> functions) {}

  /**
   * A launch.
   *
   * @param shared bytes of memory that a block's threads share
   * @param places the addresses it takes
   * @param parts floats of the scratch that it uses
   * @param counters how many counters, which are 0 before and after
   */
  public record Call(
      String kernel, int grid, int shared, List<Step.Place> places, long parts, int counters) {}

  /** None, for programs whose loops are interpreted. */
  public LoopKernels() {}

  /** Adds the loops of a group: its first step starts them, the others start nothing. */
  public void add(LoopSchedule.Group g) {
    if (g.parts().isEmpty()) {
      return;
    }
    g.steps().forEach(s -> calls.put(s, Optional.empty()));
    calls.put(g.steps().get(0), Optional.of(call(g.parts())));
  }

  /** Adds another source of kernels, to be compiled with them. */
  public void add(String source) {
    if (!others.contains(source)) {
      others.add(source);
    }
  }

  private Call call(List<Part> parts) {
    StringBuilder text = new StringBuilder();
    Set<String> used = new LinkedHashSet<>();
    List<Step.Place> places = new ArrayList<>();
    int blocks = 0;
    int shared = 0;
    long floats = 0;
    int counters = 0;
    for (Part p : parts) {
      String function = function(p.source());
      used.add(function);
      List<String> arguments = new ArrayList<>();
      arguments.add(blocks == 0 ? "blockIdx.x" : "blockIdx.x - " + blocks + "u");
      if (p.shared() > 0) {
        arguments.add("shared");
        shared = Math.max(shared, p.shared());
      }
      if (p.slices() > 1) {
        arguments.add("(float*)a.at[" + SUMS + "] + " + floats);
        arguments.add("(unsigned*)a.at[" + COUNTERS + "] + " + counters);
        floats += p.floats();
        counters += p.counters();
      }
      for (Part.Operand o : p.operands()) {
        arguments.add("(" + o.type() + ")" + address(places.size()));
        places.add(o.place());
      }
      blocks += p.blocks();
      String call = function + "(" + String.join(", ", arguments) + ");";
      if (p != parts.get(parts.size() - 1)) {
        call = "if (blockIdx.x < " + blocks + "u) { " + call + " return; }";
      }
      text.append("  ").append(call).append('\n');
    }
    if (shared > 0) {
      text.insert(0, "  QS_DYNAMIC_SHARED(float, shared);\n");
    }
    String body = text.toString();
    Kernel kernel =
        kernels.computeIfAbsent(body, k -> new Kernel("qs_loops_" + digest(body), used));
    int bytes = 4 * shared * Grid.BLOCK;
    return new Call(kernel.name, blocks, bytes, places, floats, counters);
  }

  private String function(String text) {
    return functions.computeIfAbsent(text, t -> "qs_part_" + digest(text));
  }

  /** The name in a function's text. */
  public static String nameOf(String text) {
    return text.substring(text.indexOf("qs_part_"), text.indexOf('('));
  }

  private static String digest(String text) {
    return KernelCache.key(List.of(text)).substring(0, DIGITS);
  }

  private static String address(int i) {
    int word = word(i);
    int numbers = CudaDriver.Launch.NUMBERS;
    return word < numbers ? "a.n[" + word + "]" : "a.at[" + (word - numbers) + "]";
  }

  /** The argument that is an operand's address: where addresses stand, and then among numbers. */
  public static int word(int operand) {
    int addresses = SUMS; // those in front of it
    return operand < addresses ? CudaDriver.Launch.NUMBERS + operand : operand - addresses;
  }

  /** Whether a kernel does a step, its own or together with others. */
  public boolean has(Step s) {
    return calls.containsKey(s);
  }

  /**
   * What a step that {@link #has} starts, if it is the first of those that are started together.
   */
  public Optional<Call> call(Step s) {
    return calls.get(s);
  }

  /** How many counters the launches need. */
  public int counters() {
    return calls.values().stream()
        .flatMap(Optional::stream)
        .mapToInt(Call::counters)
        .max()
        .orElse(0);
  }

  /** The texts to compile. */
  public List<String> sources() {
    Map<String, String> texts = new LinkedHashMap<>();
    functions.forEach((text, name) -> texts.put(name, text.replace(PartSource.NAME, name)));
    List<String> out = new ArrayList<>(others);
    List<Map.Entry<String, Kernel>> all = List.copyOf(kernels.entrySet());
    for (int first = 0; first < all.size(); first += OF_A_SOURCE) {
      var some = all.subList(first, Math.min(all.size(), first + OF_A_SOURCE));
      Set<String> used = new LinkedHashSet<>();
      some.forEach(k -> used.addAll(k.getValue().functions));
      StringBuilder s = new StringBuilder("#include \"generated.cuh\"\n");
      used.forEach(f -> s.append('\n').append(texts.get(f)));
      for (Map.Entry<String, Kernel> k : some) {
        s.append("\nQS_KERNEL_OF(").append(k.getValue().name).append(", QS_THREADS) {\n");
        s.append(k.getKey()).append("}\n");
      }
      out.add(s.toString());
    }
    return out;
  }

  /** Compiles all of them. */
  public void compile(CudaDriver driver, String program) {
    if (!kernels.isEmpty() || !others.isEmpty()) {
      module = driver.compile(program, sources());
    }
  }

  /** Starts one of the kernels. */
  public void launch(CudaDriver.Launch launch) {
    module.launch(launch);
  }

  @Override
  public void close() {
    if (module != null) {
      module.close();
      module = null;
    }
  }
}
