package io.quickstudy.backend.plan;

import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Graphs;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A program as segments: the graph, cut along the task axis or not, then the copies of carried
 * outputs. Its buffers get their places anew each time it is laid out.
 */
public final class ProgramPlan {
  private final Ports ports;
  private final List<LoweredSegment> segments;
  private final List<Buffer> lasting;
  private final Map<Tensor, Buffer> constants;
  private final int atOnce;

  /** Where the temporaries of segments that run in chunks lie. */
  public enum Locals {
    /** Behind everything that lasts, as those of the other segments: one chunk runs at a time. */
    SHARED,
    /** In an arena of its own for each worker that runs chunks. */
    PER_WORKER
  }

  /**
   * How much memory a plan takes.
   *
   * @param lasting bytes of what outlives a segment, in front of the shared arena
   * @param shared bytes of the shared arena
   * @param local bytes of each worker's own
   */
  public record Extent(long lasting, long shared, long local) {}

  private ProgramPlan(
      Ports ports,
      List<LoweredSegment> segments,
      List<Buffer> lasting,
      Map<Tensor, Buffer> constants,
      int atOnce) {
    this.ports = ports;
    this.segments = segments;
    this.lasting = lasting;
    this.constants = constants;
    this.atOnce = atOnce;
  }

  /** A program in chunks of as many tasks as suit a processor's core. */
  public static ProgramPlan forWorkers(ProgramSpec spec) {
    TaskLevels levels = levels(spec);
    return cut(spec, levels, levels.usualChunk(), Scarce.OPS);
  }

  /**
   * A program for a GPU in chunks of so many tasks, uncut where these are all.
   *
   * @param size divides the number of tasks
   */
  public static ProgramPlan inChunksOf(int size, ProgramSpec spec) {
    if (size < spec.tasks()) {
      return cut(spec, levels(spec), size, Scarce.BYTES);
    }
    Ports ports = new Ports(spec);
    for (Tensor t : spec.outputs()) {
      ports.outputs().add(new Buffer("" + t, t.dtype(), t.shape().size(), Buffer.Space.SHARED));
    }
    int tasks = spec.tasks() > 1 ? spec.tasks() : 0;
    Segment all = new Segment(1, tasks, spec.outputs(), ports.outputs(), ports.where());
    return of(ports, List.of(all), ports.outputs(), size, Scarce.BYTES);
  }

  private static TaskLevels levels(ProgramSpec spec) {
    Set<Tensor> taskInputs = new HashSet<>();
    if (spec.tasks() > 1) {
      spec.taskInputs().forEach(i -> taskInputs.add(spec.inputs().get(i)));
    }
    return new TaskLevels(Graphs.order(spec.outputs()), taskInputs, spec.tasks());
  }

  private static ProgramPlan cut(ProgramSpec spec, TaskLevels levels, int size, Scarce scarce) {
    Ports ports = new Ports(spec);
    TaskSplit split = new TaskSplit(levels, ports.where(), size);
    List<Segment> segments = split.segments(spec.outputs(), ports.outputs());
    return of(ports, segments, split.buffers(), size, scarce);
  }

  private static ProgramPlan of(
      Ports ports, List<Segment> segments, List<Buffer> between, int atOnce, Scarce scarce) {
    List<Segment> all = new ArrayList<>(segments);
    all.add(ports.carry());
    all.removeIf(s -> s.outputs().isEmpty());
    Constants constants = new Constants();
    List<LoweredSegment> lowered =
        all.stream().map(s -> LoweredSegment.of(s, constants, scarce)).toList();
    Set<Buffer> lasting = new LinkedHashSet<>(ports.owned());
    lasting.addAll(ports.small());
    lasting.addAll(between);
    lasting.addAll(constants.all().values());
    return new ProgramPlan(ports, lowered, List.copyOf(lasting), constants.all(), atOnce);
  }

  /** The same with other segments in the places of its own. */
  public ProgramPlan with(UnaryOperator<LoweredSegment> change) {
    return new ProgramPlan(
        ports, segments.stream().map(change).toList(), lasting, constants, atOnce);
  }

  /** Its inputs and outputs. */
  public Ports ports() {
    return ports;
  }

  /** What to run, in order. */
  public List<LoweredSegment> segments() {
    return segments;
  }

  /** Tables of numbers and where they lie. */
  public Map<Tensor, Buffer> constants() {
    return constants;
  }

  /** How many tasks are computed at once, by one worker. */
  public int atOnce() {
    return atOnce;
  }

  /** How many steps compute again what was computed before. */
  public int repeated() {
    return segments.stream().mapToInt(LoweredSegment::repeated).sum();
  }

  /** Places the buffers so that those that never live at once share memory. */
  public Extent layOut(Locals locals) {
    return layOut(s -> s.chunks() > 1 && locals == Locals.PER_WORKER, 0);
  }

  /**
   * The same where some segments have their temporaries in memory of their own, each from its first
   * byte on, and other memory is left alone for some time after its last use.
   *
   * @param slack moments of that time
   */
  public Extent layOut(Predicate<LoweredSegment> own, int slack) {
    long base = MemoryPlan.apart(lasting, 0, 0);
    long end = base;
    long local = 0;
    for (LoweredSegment s : segments) {
      if (own.test(s)) {
        local = Math.max(local, MemoryPlan.share(s, 0, 0));
      } else {
        end = Math.max(end, MemoryPlan.share(s, base, slack));
      }
    }
    return new Extent(base, end, local);
  }

  /**
   * Places every buffer by itself in the shared arena, with gaps for sentinels, and the temporaries
   * of each chunk apart from those of the others. For tests.
   *
   * @param own as {@link #layOut(Predicate, int)} has it
   */
  public Extent layOutApart(int gap, Predicate<LoweredSegment> own) {
    long base = MemoryPlan.apart(lasting, 0, gap);
    long end = base;
    long local = 0;
    for (LoweredSegment s : segments) {
      if (own.test(s)) {
        local = Math.max(local, MemoryPlan.share(s, 0, 0));
        continue;
      }
      long from = end;
      long size = MemoryPlan.apart(s.allTemporaries(), from, gap) - from;
      s.allTemporaries().forEach(b -> b.spread(s.chunks(), size));
      end = from + size * s.chunks();
    }
    return new Extent(base, end, local);
  }

  /** Every buffer in the program's own memory. */
  public List<Buffer> buffers() {
    return buffers(s -> false);
  }

  /** Every buffer in memory that segments share, as {@link #layOut(Predicate, int)} has it. */
  public List<Buffer> buffers(Predicate<LoweredSegment> own) {
    List<Buffer> all = new ArrayList<>(lasting);
    segments.stream().filter(own.negate()).forEach(p -> all.addAll(p.allTemporaries()));
    return all;
  }
}
