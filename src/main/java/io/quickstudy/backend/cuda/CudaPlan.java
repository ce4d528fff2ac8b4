package io.quickstudy.backend.cuda;

import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.kernels.Grid;
import io.quickstudy.backend.cuda.loops.LoopKernels;
import io.quickstudy.backend.cuda.loops.LoopSchedule;
import io.quickstudy.backend.cuda.tasks.TaskKernel;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.LoopEncoder;
import io.quickstudy.backend.plan.LoweredSegment;
import io.quickstudy.backend.plan.MemorySearch;
import io.quickstudy.backend.plan.ProgramPlan;
import io.quickstudy.backend.plan.Recompute;
import io.quickstudy.backend.plan.Repeated;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.Words;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A program's steps, chunk by chunk, and what it takes on the device. Uncut, every step has the
 * whole task axis; in chunks of fewer tasks, which use the same memory one after the other, sums
 * over tasks are made in another order.
 */
final class CudaPlan {
  /** Bytes of sentinel before and behind a guarded buffer. */
  static final int GAP = 64;

  /** Of a block that carries a task. */
  private static final int TASK_THREADS = 256;

  /** Microseconds from one launch of a graph to the next, as measured on an H200. */
  private static final double LAUNCH = 1.9;

  /** Cycles of a microsecond, and operations that the launches of small products do in one. */
  private static final double CYCLES = 1700;

  private static final double FLOPS = 15e6;

  /** Blocks that run at once: as many as the smaller of the GPUs at hand has multiprocessors. */
  private static final int MULTIPROCESSORS = 108;

  /** Of the fault record: kind, index, limit. */
  static final int FAULT_BYTES = 24;

  /** What the scratch of each branch starts on. */
  private static final int BOUNDARY = 256;

  /** Where, in the memory of the fault record, the counters of generated loops begin. */
  static final int COUNTERS = 64;

  final ProgramPlan program;

  /** The kernels of loops that are not interpreted. */
  final LoopKernels generated = new LoopKernels();

  /**
   * The kernels that carry tasks through a segment, where all segments that run in chunks have one.
   */
  private final Map<LoweredSegment, TaskKernel> carried = new IdentityHashMap<>();

  final long arenaBytes;
  final long wordsBytes;
  final long scratchBytes;

  /** Where each of {@link #parts} runs. */
  final List<Branches.Place> branches;

  /** Of the inputs that a caller sets, in front of where they are read. */
  final long stagingBytes;

  /** What is started together, where nothing is in chunks; else each step by itself. */
  private final List<Branches.Part> parts = new ArrayList<>();

  /** Bytes of scratch in front of each branch's, and of all. */
  private final long[] scratchAt = new long[CudaDriver.BRANCHES + 1];

  private final int tasks;
  private final int slack;
  private final long temporaryBytes;
  private int launches;

  /** Of a block's memory, in front of a table. */
  private final long blockBytes;

  private final CudaOptions options;

  /** As it was before loops were put together. */
  private final ProgramPlan original;

  /** Who carries tasks through what runs task by task. */
  private enum Carrying {
    /** Nobody: each step is started for a chunk of tasks. */
    NONE,
    /** A block of threads for each task. */
    BLOCKS
  }

  /** Says which convolutions cuDNN computes. */
  interface Choice {
    Optional<DnnConvolution> of(Step.Conv conv);
  }

  /** Where an operand's first element is while a chunk runs. */
  interface Address {
    long of(Step.Place place, int chunk);
  }

  /**
   * A plan.
   *
   * @param slack moments for which a buffer's memory is left alone after its last use, so that what
   *     comes then need not wait for that
   */
  CudaPlan(ProgramPlan program, int tasks, CudaOptions options, int slack) {
    this(program, tasks, options, slack, Carrying.NONE, (kernels, sources) -> {});
  }

  /** Takes names of our own kernels and sources of loops, before a convolution is timed. */
  interface Ahead {
    void compile(Set<String> kernels, List<String> sources);
  }

  private CudaPlan(
      ProgramPlan program,
      int tasks,
      CudaOptions options,
      int slack,
      Carrying carrying,
      Ahead ahead) {
    this.original = program;
    this.tasks = tasks;
    this.options = options;
    this.slack = slack;
    this.program =
        program.with(
            segment ->
                carrying == Carrying.BLOCKS && (segment.chunks() > 1 || tasks == 1)
                    ? carried(segment)
                    : switch (options.loops()) {
                      case INTERPRETED -> segment;
                      case GENERATED -> scheduled(segment);
                    });
    if (carried.isEmpty()) {
      ahead.compile(ownKernels(), generated.sources());
    }
    ProgramPlan.Extent e = layOut();
    blockBytes = TaskKernel.tableAt(e.local());
    arenaBytes = e.shared();
    temporaryBytes = e.shared() - e.lasting();
    stagingBytes = InputUpload.span(program.ports().fed());
    branches = branches();
    Words sized = new Words();
    long[] scratch =
        calls(
            (p, c) -> 0,
            sized,
            new LaunchBuilder.Fixed(0, 0, 0, 0),
            (what, part, calls) -> launches += calls.size());
    for (int i = 0; i < scratch.length; i++) {
      scratchAt[i + 1] = scratchAt[i] + Grid.divide(scratch[i], BOUNDARY) * BOUNDARY;
    }
    scratchBytes = scratchAt[scratch.length];
    wordsBytes = 8L * sized.size();
  }

  /** A program's plan in chunks of so many tasks. */
  static CudaPlan inChunksOf(int size, ProgramSpec spec, CudaOptions options) {
    return inChunksOf(size, spec, options, 0);
  }

  private static CudaPlan inChunksOf(int size, ProgramSpec spec, CudaOptions options, int slack) {
    return new CudaPlan(ProgramPlan.inChunksOf(size, spec), spec.tasks(), options, slack);
  }

  /** The names of all kernels that are not generated, with none but our own for convolutions. */
  private Set<String> ownKernels() {
    LaunchBuilder any =
        new LaunchBuilder(
            p -> 0,
            new LoopEncoder(new Words(), p -> {}),
            new LaunchBuilder.Fixed(0, 0, 0, 0),
            generated,
            options.own());
    steps().forEach(any::of);
    return any.kernels();
  }

  /** What is started together; {@link #branches} says where each runs. */
  List<Branches.Part> parts() {
    return Collections.unmodifiableList(parts);
  }

  /** Gives the buffers their places. */
  ProgramPlan.Extent layOut() {
    return program.layOut(carried::containsKey, slack);
  }

  /** Gives every buffer in the arena a place by itself. */
  ProgramPlan.Extent layOutApart() {
    return program.layOutApart(GAP, carried::containsKey);
  }

  private List<Branches.Place> branches() {
    boolean whole = carried.isEmpty() && program.segments().stream().allMatch(s -> s.chunks() == 1);
    for (LoweredSegment s : program.segments()) {
      if (carried.containsKey(s)) {
        parts.add(new Branches.Part(s.steps(), false));
        continue;
      }
      for (int i = 0; i < s.steps().size() * s.chunks(); i++) {
        Step step = s.steps().get(i % s.steps().size());
        boolean library = LaunchBuilder.needsLibrary(step, options);
        if (whole && i > 0 && s.moments().get(i).equals(s.moments().get(i - 1))) {
          Branches.Part with = parts.remove(parts.size() - 1);
          List<Step> steps = new ArrayList<>(with.steps());
          steps.add(step);
          parts.add(new Branches.Part(steps, with.first() || library));
        } else {
          parts.add(new Branches.Part(List.of(step), library));
        }
      }
    }
    return whole
        ? Branches.of(parts)
        : Collections.nCopies(parts.size(), new Branches.Place(0, List.of()));
  }

  /**
   * A plan in which blocks of threads carry every task through all that runs task by task, if there
   * is one: all its steps are such as a block does, and its values fit into a block's memory. A
   * program without tasks is one task.
   */
  static Optional<CudaPlan> carried(ProgramSpec spec, CudaOptions options) {
    if (options.blockBytes() == 0 || !TaskKernel.mayCarry(spec.outputs())) {
      return Optional.empty();
    }
    CudaPlan p =
        new CudaPlan(
            ProgramPlan.inChunksOf(1, spec),
            spec.tasks(),
            options,
            0,
            Carrying.BLOCKS,
            (kernels, sources) -> {});
    boolean all =
        p.program.segments().stream()
            .allMatch(s -> (s.chunks() == 1 && spec.tasks() > 1) || p.carried.containsKey(s));
    boolean fits = p.carried.values().stream().allMatch(k -> p.shared(k) <= options.blockBytes());
    return all && fits && !p.carried.isEmpty() ? Optional.of(p) : Optional.empty();
  }

  /** Microseconds that a run takes, counted: what waits for what, and how much there is to do. */
  double predicted() {
    double heavy = 0;
    double blocks = 0;
    for (LoweredSegment s : program.segments()) {
      TaskKernel k = carried.get(s);
      if (k == null) {
        heavy += s.chunks() * s.steps().stream().mapToDouble(Step::flops).sum();
      } else {
        blocks += k.cycles() * Math.ceilDiv(s.chunks(), MULTIPROCESSORS);
      }
    }
    return launches * LAUNCH + blocks / CYCLES + heavy / FLOPS;
  }

  /** How many kernels and products a run starts. */
  int launches() {
    return launches;
  }

  private LoweredSegment carried(LoweredSegment segment) {
    Optional<TaskKernel> kernel = TaskKernel.of(segment, TASK_THREADS);
    if (kernel.isEmpty()) {
      return segment;
    }
    TaskKernel k = kernel.get();
    generated.add(k.source());
    carried.put(k.segment(), k);
    return k.segment();
  }

  /** Bytes of a block's memory that a kernel takes. */
  private long shared(TaskKernel k) {
    return blockBytes + 4L * k.tableWords();
  }

  /** The buffers in the arena. */
  List<Buffer> buffers() {
    return program.buffers(carried::containsKey);
  }

  /** A segment whose loops are started together where they can be. */
  private LoweredSegment scheduled(LoweredSegment segment) {
    LoopSchedule s = options.schedule(segment.steps().stream().map(this::scheduled).toList());
    s.groups().forEach(generated::add);
    return segment.together(
        s.groups().stream().map(LoopSchedule.Group::steps).toList(), s.temporaries());
  }

  private Step scheduled(Step step) {
    return step instanceof Repeated r
        ? new Repeated(r.times(), r.moving(), scheduled(r.body()), r.what())
        : step;
  }

  /** Of the fault record and the counters behind it. */
  long faultBytes() {
    return COUNTERS + 4L * generated.counters() * CudaDriver.BRANCHES;
  }

  /** What takes a step's calls, and the number of the part that it belongs to. */
  interface Sink {
    void add(String what, int part, List<Consumer<CudaDriver>> calls);
  }

  /**
   * Enumerates what each step of each chunk starts, in order.
   *
   * @param loops to which loops are added
   * @return bytes of scratch that the steps of each branch use, each at its time
   */
  long[] calls(Address address, Words loops, LaunchBuilder.Fixed fixed, Sink sink) {
    long[] scratch = new long[CudaDriver.BRANCHES];
    Moved moved = new Moved(address);
    int part = 0; // of which some steps were there
    int taken = 0;
    for (LoweredSegment segment : program.segments()) {
      TaskKernel kernel = carried.get(segment);
      if (kernel != null) {
        long table = fixed.words() + 8L * loops.size();
        kernel.table(p -> moved.of(p, 0), loops);
        part += taken > 0 ? 1 : 0;
        sink.add(kernel.what(), part, List.of(carrying(segment, kernel, table)));
        taken = segment.steps().size();
        continue;
      }
      for (int chunk = 0; chunk < segment.chunks(); chunk++) {
        int c = chunk;
        LoopEncoder encoder = new LoopEncoder(loops, p -> loops.add(moved.of(p, c)));
        String of = segment.chunks() > 1 ? "chunk %s: ".formatted(c) : "";
        for (Step s : segment.steps()) {
          if (taken == parts.get(part).steps().size()) {
            part++;
            taken = 0;
          }
          taken++;
          int branch = branches.get(part).branch();
          LaunchBuilder.Fixed own =
              fixed.in(c, scratchAt[branch], 4L * generated.counters() * branch);
          LaunchBuilder calls =
              new LaunchBuilder(p -> moved.of(p, c), encoder, own, generated, options);
          sink.add(of + s.what(), part, moved.calls(s, calls, c));
          scratch[branch] = Math.max(scratch[branch], calls.scratchBytes());
        }
      }
    }
    return scratch;
  }

  private Consumer<CudaDriver> carrying(LoweredSegment segment, TaskKernel k, long table) {
    long[] args = new long[CudaDriver.Launch.WORDS];
    args[0] = blockBytes;
    args[1] = k.tableWords();
    args[CudaDriver.Launch.NUMBERS] = table;
    CudaDriver.Launch l =
        new CudaDriver.Launch(
            k.name(), segment.chunks(), k.threads(), Math.toIntExact(shared(k)), args);
    return d -> generated.launch(l);
  }

  /** Addresses, also of parts of buffers that move, at the time at hand. */
  private static final class Moved implements Address {
    private final Address fixed;
    private final Map<Buffer, Long> now = new IdentityHashMap<>();

    Moved(Address fixed) {
      this.fixed = fixed;
    }

    @Override
    public long of(Step.Place p, int chunk) {
      Buffer mover = p.buffer().mover();
      return mover == null
          ? fixed.of(p, chunk)
          : now.get(mover) + p.buffer().offset() + p.start() * p.buffer().dtype().bytes();
    }

    /** What is repeated is started as often, each time where it is then. */
    List<Consumer<CudaDriver>> calls(Step step, LaunchBuilder launches, int chunk) {
      if (!(step instanceof Repeated r)) {
        return launches.of(step);
      }
      List<Consumer<CudaDriver>> all = new ArrayList<>();
      for (int i = 0; i < r.times(); i++) {
        for (Buffer b : r.moving()) {
          long first = of(new Step.Place(b.whole(), 0), chunk) + b.start();
          now.put(b, first + i * b.perStep());
        }
        r.body().steps().forEach(s -> all.addAll(calls(s, launches, chunk)));
      }
      return all;
    }
  }

  /** The steps of one chunk of every segment, and of what is repeated. */
  Stream<Step> steps() {
    return program.segments().stream().flatMap(p -> p.steps().stream()).flatMap(CudaPlan::steps);
  }

  private static Stream<Step> steps(Step s) {
    return s instanceof Repeated r
        ? r.body().steps().stream().flatMap(CudaPlan::steps)
        : Stream.of(s);
  }

  /** All that it takes on the device. */
  long bytes() {
    return arenaBytes + wordsBytes + scratchBytes + stagingBytes + faultBytes();
  }

  MemoryUse use() {
    int atOnce = carried.isEmpty() ? program.atOnce() : tasks;
    return new MemoryUse(bytes(), tasks, atOnce, 1, program.repeated());
  }

  /** Finds the plan of a program. */
  record Search(ProgramSpec spec, CudaOptions options) implements MemorySearch<CudaPlan> {
    private static final int TRIES = 4;

    /** About the steps of a layer of a network there and back. */
    private static final int SLACK = 12;

    /**
     * A plan that takes more memory so that more can run side by side.
     *
     * @param ahead begins to compile
     */
    CudaPlan wide(Ahead ahead) {
      ProgramPlan program = ProgramPlan.inChunksOf(spec.tasks(), spec);
      return new CudaPlan(program, spec.tasks(), options, SLACK, Carrying.NONE, ahead);
    }

    /** A plan in which blocks carry tasks, if it is the fastest by counting. */
    Optional<CudaPlan> inBlocks() {
      return carried(spec, options).filter(p -> p.predicted() < together().predicted());
    }

    private CudaPlan together() {
      return inChunksOf(spec.tasks(), spec, options);
    }

    @Override
    public CudaPlan fastest() {
      return inBlocks().orElseGet(this::together);
    }

    @Override
    public MemoryUse use(CudaPlan plan) {
      return plan.use();
    }

    /** As few chunks as fit; where one task at a time does not, values are computed again. */
    @Override
    public CudaPlan within(long bytes) {
      List<CudaPlan> tried = new ArrayList<>();
      for (int size = spec.tasks(); size >= 1; size--) {
        if (spec.tasks() % size == 0) {
          CudaPlan p = inChunksOf(size, spec, options);
          if (p.bytes() <= bytes) {
            return p;
          }
          tried.add(p);
        }
      }
      CudaPlan last = tried.get(tried.size() - 1);
      long rest = last.bytes() - last.temporaryBytes;
      long over = 0;
      for (int i = 0; i < TRIES && tried.get(tried.size() - 1).bytes() > bytes; i++) {
        long room = i < TRIES - 1 ? bytes - rest - over : 0; // at last as little as can be
        CudaPlan p =
            new CudaPlan(
                last.original.with(segment -> Recompute.into(room, segment)),
                spec.tasks(),
                options,
                0);
        tried.add(p);
        rest = p.bytes() - p.temporaryBytes; // repeated loops have words of their own
        over = Math.max(over, p.temporaryBytes - room); // loops started together live longer
      }
      return tried.stream().min((a, b) -> Long.compare(a.bytes(), b.bytes())).orElseThrow();
    }
  }
}
