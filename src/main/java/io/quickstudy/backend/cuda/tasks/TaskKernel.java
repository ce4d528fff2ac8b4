package io.quickstudy.backend.cuda.tasks;

import io.quickstudy.backend.cuda.kernels.KernelCache;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.LoweredSegment;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.Words;
import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Walks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * A segment's kernel: a block of threads for each task, which carries it through all steps. Its
 * text has every function once; which of them to do with what is in a table.
 */
public final class TaskKernel {
  /** Bytes to whose multiple the table begins behind the block's values. */
  private static final int ALIGN = 16;

  private static final int DIGITS = 16;
  private static final int WARP = 32;

  /** Functions that a head has bits for. */
  private static final int MOST_FUNCTIONS = 0xffff;

  private static final int TURN = 16;
  private static final int BARRIER = 31;

  /** Cycles of a barrier, and of a row besides its function. */
  private static final double BARRIER_CYCLES = 60;

  private static final double ROW_CYCLES = 60;

  private final LoweredSegment segment;
  private final int threads;

  /** What lies in the block's memory. */
  private final Set<Buffer> own = Collections.newSetFromMap(new IdentityHashMap<>());

  private final List<Row> rows = new ArrayList<>();
  private final Map<String, Integer> functions = new LinkedHashMap<>();
  private final List<Integer> lengths = new ArrayList<>();
  private final String name;
  private final String source;
  private final int phases;
  private double cycles;

  private record Row(int head, List<Step.Place> places) {}

  private TaskKernel(LoweredSegment before, TaskSchedule schedule, int threads) {
    this.threads = threads;
    own.addAll(before.temporaries());
    own.addAll(schedule.temporaries());
    List<List<Step>> groups = new ArrayList<>();
    int phase = -1;
    int taken = 0;
    for (TaskUnit u : schedule.units()) {
      boolean first = u.phase() != phase;
      if (first) {
        phase = u.phase();
        taken = 0;
        groups.add(new ArrayList<>());
        cycles += BARRIER_CYCLES;
      }
      groups.get(groups.size() - 1).addAll(u.steps());
      TaskSource s = new TaskSource(u, threads, own::contains);
      int known = functions.size();
      int function = functions.computeIfAbsent(s.text(), k -> known + 1);
      if (function > known) {
        lengths.add(s.words());
      }
      int turn = Math.floorMod(-taken, threads) / WARP;
      boolean barrier = first && !rows.isEmpty();
      rows.add(new Row(function | turn << TURN | (barrier ? 1 << BARRIER : 0), s.places()));
      taken += (s.busy() + WARP - 1) / WARP * WARP;
      cycles += ROW_CYCLES + s.cycles();
    }
    phases = groups.size();
    segment = before.together(groups, schedule.temporaries());
    String text = text();
    name = "qs_tasks_" + digest(text);
    source = text.replace(TaskSource.NAME, name);
  }

  /** Whether nothing in a graph is surely too much for a block, such as a convolution. */
  public static boolean mayCarry(List<Tensor> outputs) {
    return Walks.order(outputs).stream()
        .noneMatch(
            t ->
                t.op() instanceof Convolution
                    || t.op() instanceof Pooling
                    || t.op() instanceof Recurrence
                    || t.op() instanceof Product.Cholesky
                    || t.op() instanceof Product.TriangularSolve);
  }

  /**
   * The kernel of a segment, or nothing where a step is none that a block does.
   *
   * @param threads of a block, a power of two
   */
  public static Optional<TaskKernel> of(LoweredSegment segment, int threads) {
    return TaskSchedule.of(segment.steps())
        .filter(s -> !s.units().isEmpty())
        .map(s -> new TaskKernel(segment, s, threads))
        .filter(k -> k.functions.size() <= MOST_FUNCTIONS);
  }

  private static String function(String text) {
    return "qs_task_" + digest(text);
  }

  private static String digest(String text) {
    return KernelCache.key(List.of(text)).substring(0, DIGITS);
  }

  private String text() {
    StringBuilder s = new StringBuilder("#include \"task.cuh\"\n");
    functions
        .keySet()
        .forEach(text -> s.append('\n').append(text.replace(TaskSource.NAME, function(text))));
    s.append("\nQS_KERNEL_OF(").append(TaskSource.NAME).append(", ").append(threads);
    s.append(", 1) {\n");
    s.append("  QS_DYNAMIC_SHARED(float, memory);\n");
    s.append("  char* const own = (char*)memory;\n");
    s.append("  unsigned* const table = (unsigned*)(own + a.n[0]);\n");
    s.append("  for (unsigned i = threadIdx.x; i < (unsigned)a.n[1]; i += ").append(threads);
    s.append("u) table[i] = ((const unsigned*)a.at[0])[i];\n");
    s.append("  __syncthreads();\n");
    s.append("  const unsigned* w = table;\n");
    s.append("  for (;;) {\n");
    s.append("    const unsigned head = *w;\n");
    s.append("    if (head >> QS_TASK_BARRIER) __syncthreads();\n");
    s.append(
        "    const unsigned t = (threadIdx.x + (head >> QS_TASK_TURN & QS_TASK_TURNS) * 32) % ");
    s.append(threads).append("u;\n");
    s.append("    switch (head & QS_TASK_FUNCTION) {\n");
    functions.forEach(
        (text, number) -> {
          s.append("      case ").append(number).append(":\n");
          s.append("        ").append(function(text)).append("(w, own, t);\n");
          s.append("        w += ").append(lengths.get(number - 1)).append(";\n        break;\n");
        });
    s.append("      default:\n        return;\n    }\n  }\n}\n");
    return s.toString();
  }

  /** The segment with its steps in their phases. */
  public LoweredSegment segment() {
    return segment;
  }

  /** Threads of a block. */
  public int threads() {
    return threads;
  }

  /** The kernel's name. */
  public String name() {
    return name;
  }

  /** What to compile. */
  public String source() {
    return source;
  }

  /** How many different functions it has. */
  public int functions() {
    return functions.size();
  }

  /** What it takes for a task, counted. */
  public double cycles() {
    return cycles;
  }

  /** In a line, for profiles. */
  public String what() {
    return "%s tasks, each %s steps behind %s barriers"
        .formatted(segment.chunks(), segment.steps().size(), phases);
  }

  /** The 32-bit words of the table. */
  public int tableWords() {
    int n = 1;
    for (Row r : rows) {
      n += length(r);
    }
    return n;
  }

  private int length(Row r) {
    return lengths.get((r.head & MOST_FUNCTIONS) - 1);
  }

  /** Where in the block's memory the table begins. */
  public static long tableAt(long valueBytes) {
    return (valueBytes + ALIGN - 1) / ALIGN * ALIGN;
  }

  /**
   * Adds the table, once all buffers have their places.
   *
   * @param address of the first task's operand, where that is not in the block's memory
   */
  public void table(ToLongFunction<Step.Place> address, Words to) {
    int[] words = new int[(tableWords() + 1) / 2 * 2];
    int n = 0;
    for (Row r : rows) {
      words[n++] = r.head;
      for (Step.Place p : r.places) {
        if (own.contains(p.buffer())) {
          words[n++] =
              Math.toIntExact(p.buffer().offset() + p.start() * p.buffer().dtype().bytes());
        } else {
          long at = address.applyAsLong(p);
          words[n++] = (int) at;
          words[n++] = (int) (at >>> 32);
          words[n++] = Math.toIntExact(p.buffer().chunkBytes());
        }
      }
    }
    for (int i = 0; i < words.length; i += 2) {
      to.add((words[i] & 0xffffffffL) | (long) words[i + 1] << 32);
    }
  }
}
