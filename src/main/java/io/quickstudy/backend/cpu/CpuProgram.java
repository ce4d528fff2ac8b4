package io.quickstudy.backend.cpu;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Constants;
import io.quickstudy.backend.plan.Lowering;
import io.quickstudy.backend.plan.MemoryPlan;
import io.quickstudy.backend.plan.Ports;
import io.quickstudy.backend.plan.Profile;
import io.quickstudy.backend.plan.Segment;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.Words;
import io.quickstudy.bindings.Native;
import io.quickstudy.bindings.NativeMemory;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Graphs;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** A compiled graph: native code words and one arena. */
final class CpuProgram implements Program {
  private static final int GAP = 64;
  private static final byte SENTINEL = (byte) 0xA5;

  private final ProgramSpec spec;
  private final int workers;
  private final Ports ports;
  private final List<String> descriptions = new ArrayList<>();
  private final List<Buffer> guarded = new ArrayList<>();
  private final Map<Buffer, ByteBuffer> hosts = new IdentityHashMap<>();
  private final Map<Integer, Resident> bound = new HashMap<>();
  private final NativeMemory arena;
  private final Native.Program program;
  private final long localBytes;
  private boolean closed;

  CpuProgram(ProgramSpec spec, int workers, CpuBackend.Memory memory) {
    this.spec = spec;
    this.workers = workers;
    this.ports = new Ports(spec);
    Set<Tensor> taskInputs = new HashSet<>();
    spec.taskInputs().forEach(i -> taskInputs.add(spec.inputs().get(i)));
    TaskSplit split =
        new TaskSplit(
            Graphs.order(spec.outputs()),
            ports.where(),
            spec.tasks() > 1 ? taskInputs : Set.of(),
            spec.tasks());
    List<Segment> segments = new ArrayList<>(split.segments(spec.outputs(), ports.outputs()));
    segments.add(ports.carry());
    segments.removeIf(s -> s.outputs().isEmpty());

    Constants constants = new Constants();
    List<Lowering> lowered = segments.stream().map(s -> new Lowering(s, constants)).toList();
    List<Buffer> lasting = new ArrayList<>(ports.owned());
    lasting.addAll(split.buffers());
    lasting.addAll(constants.all().values());
    boolean guard = memory == CpuBackend.Memory.GUARDED;
    long base = MemoryPlan.apart(lasting, 0, guard ? GAP : 0);
    long end = base;
    long local = 0;
    for (int i = 0; i < segments.size(); i++) {
      List<Buffer> temporaries = lowered.get(i).temporaries();
      boolean chunked = segments.get(i).chunks() > 1;
      if (guard) {
        end = guard(temporaries, end, segments.get(i).chunks());
      } else if (chunked) {
        local = Math.max(local, MemoryPlan.share(temporaries, 0));
      } else {
        end = Math.max(end, MemoryPlan.share(temporaries, base));
      }
    }
    if (guard) {
      guarded.addAll(lasting);
      lowered.forEach(l -> guarded.addAll(l.temporaries()));
    }
    localBytes = local;
    Encoder encoder = new Encoder();
    Words words = new Words();
    words.add(Format.MAGIC);
    words.add(Format.VERSION);
    words.add(local);
    words.add(segments.size());
    for (int i = 0; i < segments.size(); i++) {
      int chunks = segments.get(i).chunks();
      List<Step> steps = lowered.get(i).steps();
      words.add(chunks);
      words.add(steps.size());
      for (Step step : steps) {
        encoder.write(step, words);
        descriptions.add((chunks > 1 ? chunks + " x " : "") + step.what());
      }
    }
    arena = CpuBackend.allocate(Math.max(end, 64), spec.name());
    program = Native.programOpen(words.array(), words.size());
    if (program == null || program.isNull()) {
      arena.close();
      throw new BackendException(spec.name() + ": " + Native.error());
    }
    check(Native.programBind(program, 0, arena.address()));
    constants.all().forEach((t, b) -> Constants.write(t, host(b)));
    if (guard) {
      sentinels((at, n) -> IntStream.range(0, n).forEach(k -> bytes(at, n).put(k, SENTINEL)));
    }
  }

  /** Places buffers apart, a whole set for each chunk. */
  private static long guard(List<Buffer> temporaries, long base, int chunks) {
    long end = MemoryPlan.apart(temporaries, base, GAP);
    for (Buffer b : temporaries) {
      b.spread(chunks, end - base);
    }
    return base + (end - base) * chunks;
  }

  private interface Gap {
    void at(long offset, int bytes);
  }

  /** Visits the gap in front of and behind every guarded buffer. */
  private void sentinels(Gap gap) {
    for (Buffer b : guarded) {
      for (int copy = 0; copy < b.copies(); copy++) {
        long at = b.offset() + copy * b.chunkBytes();
        gap.at(at - GAP, GAP);
        gap.at(at + b.bytes(), (int) (MemoryPlan.align(b.bytes()) - b.bytes()) + GAP);
      }
    }
  }

  private ByteBuffer bytes(long offset, int n) {
    return arena.buffer(offset, n);
  }

  private ByteBuffer host(Buffer b) {
    return hosts.computeIfAbsent(b, k -> arena.buffer(b.offset(), (int) b.bytes()));
  }

  private void check(int rc) {
    if (rc != 0) {
      throw new BackendException(spec.name() + ": " + Native.error());
    }
  }

  private void open() {
    if (closed) {
      throw new IllegalStateException("program '" + spec.name() + "' is closed");
    }
  }

  /** The bytes of an input or output that numbers are copied to or from. */
  private ByteBuffer host(List<Buffer> list, int i, DType dtype, int length) {
    open();
    return host(ports.checked(list, i, dtype, length));
  }

  @Override
  public void set(int input, float[] values) {
    host(ports.inputs(), input, DType.F32, values.length).asFloatBuffer().put(values);
  }

  @Override
  public void set(int input, int[] values) {
    host(ports.inputs(), input, DType.I32, values.length).asIntBuffer().put(values);
  }

  @Override
  public void bind(int input, Resident data) {
    open();
    CpuResident r = ports.checked(input, data, CpuResident.class);
    int space = 2 + ports.inputs().get(input).binding();
    check(Native.programBind(program, space, r.memory().address()));
    bound.put(input, data);
  }

  @Override
  public void run() {
    ready();
    check(Native.programRun(program, workers));
    sentinels(this::unbroken);
  }

  private void ready() {
    open();
    ports.requireBound(bound.keySet());
  }

  private void unbroken(long offset, int n) {
    ByteBuffer gap = bytes(offset, n);
    for (int k = 0; k < n; k++) {
      if (gap.get(k) != SENTINEL) {
        throw new BackendException(
            spec.name() + ": a kernel wrote beyond a buffer, at byte " + (offset + k));
      }
    }
  }

  @Override
  public void get(int output, float[] into) {
    host(ports.outputs(), output, DType.F32, into.length).asFloatBuffer().get(into);
  }

  @Override
  public void get(int output, int[] into) {
    host(ports.outputs(), output, DType.I32, into.length).asIntBuffer().get(into);
  }

  @Override
  public void get(int output, byte[] into) {
    host(ports.outputs(), output, DType.U8, into.length).get(0, into);
  }

  @Override
  public void input(int input, float[] into) {
    host(ports.inputs(), input, DType.F32, into.length).asFloatBuffer().get(into);
  }

  @Override
  public long bytes() {
    return arena.bytes() + localBytes * Math.min(workers, spec.tasks());
  }

  @Override
  public String profile(int runs) {
    ready();
    long[] ns = new long[descriptions.size()];
    for (int i = 0; i < runs; i++) {
      check(Native.programProfile(program, ns, ns.length));
    }
    return Profile.table(spec.name(), "on one worker", ns, runs, descriptions);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      program.close();
      arena.close();
    }
  }
}
