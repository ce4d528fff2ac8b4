package io.quickstudy.backend.cpu;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Constants;
import io.quickstudy.backend.plan.Fault;
import io.quickstudy.backend.plan.LoweredSegment;
import io.quickstudy.backend.plan.MemoryPlan;
import io.quickstudy.backend.plan.Ports;
import io.quickstudy.backend.plan.Profile;
import io.quickstudy.backend.plan.ProgramPlan;
import io.quickstudy.backend.plan.Repeated;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.Words;
import io.quickstudy.bindings.Native;
import io.quickstudy.bindings.NativeMemory;
import io.quickstudy.graph.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A compiled graph: native code words and one arena. */
final class CpuProgram implements Program {
  private static final int GAP = 64;
  private static final byte SENTINEL = (byte) 0xA5;

  private final ProgramSpec spec;
  private final int workers;
  private final Ports ports;
  private final MemoryUse use;
  private final List<String> descriptions = new ArrayList<>();
  private final List<Buffer> guarded;
  private final Map<Buffer, ByteBuffer> hosts = new IdentityHashMap<>();
  private final Map<Integer, Resident> bound = new HashMap<>();
  private final NativeMemory arena;
  private final Native.Program program;
  private final List<Buffer> small;
  private final Map<Buffer, float[]> before = new IdentityHashMap<>();
  private int runs;
  private boolean closed;

  CpuProgram(ProgramSpec spec, CpuPlan plan, CpuBackend.Memory memory) {
    this.spec = spec;
    this.workers = plan.workers();
    this.ports = plan.program().ports();
    this.small = ports.small();
    ProgramPlan.Extent shared = plan.layOut();
    this.use = plan.use(shared);
    boolean guard = memory == CpuBackend.Memory.GUARDED;
    ProgramPlan.Extent extent = guard ? plan.program().layOutApart(GAP, s -> false) : shared;
    this.guarded = guard ? plan.program().buffers() : List.of();
    Encoder encoder = new Encoder(2 + spec.residents().size());
    Words words = new Words();
    words.add(Format.MAGIC);
    words.add(Format.VERSION);
    words.add(extent.local());
    words.add(plan.program().segments().size());
    for (LoweredSegment segment : plan.program().segments()) {
      words.add(segment.chunks());
      words.add(segment.steps().size());
      for (Step step : segment.steps()) {
        encoder.write(step, words);
        describe(step, segment.chunks());
      }
    }
    arena = CpuBackend.allocate(Math.max(extent.shared(), CpuPlan.MIN_BYTES), spec.name());
    program = Native.programOpen(words.array(), words.size());
    if (program == null || program.isNull()) {
      arena.close();
      throw new BackendException(spec.name() + ": " + Native.error());
    }
    check(Native.programBind(program, 0, arena.address()));
    plan.program().constants().forEach((t, b) -> Constants.write(t, host(b)));
    MemoryPlan.gaps(
        guarded, GAP, (at, n) -> IntStream.range(0, n).forEach(k -> bytes(at, n).put(k, SENTINEL)));
  }

  private void describe(Step step, long times) {
    descriptions.add((times > 1 ? times + " x " : "") + step.what());
    if (step instanceof Repeated r) {
      r.body().steps().forEach(s -> describe(s, times * r.times()));
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

  private void checkRun(int rc) {
    long[] fault = new long[3];
    if (rc != 0 && Native.programFault(program, fault) != 0) {
      throw new Fault(fault[0], fault[1], fault[2]).error(spec.name());
    }
    check(rc);
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
    small.forEach(this::keep);
    runs++;
    checkRun(Native.programRun(program, workers));
    MemoryPlan.gaps(guarded, GAP, this::unbroken);
  }

  private void keep(Buffer b) {
    host(b).asFloatBuffer().get(before.computeIfAbsent(b, k -> new float[(int) b.elements()]));
  }

  private void ready() {
    open();
    ports.requireBound(bound);
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
  public void before(int output, float[] into) {
    open();
    Buffer b = ports.checkedSmall(output, into.length);
    if (runs < 2) {
      throw new IllegalStateException(spec.name() + ": there was no run before the last");
    }
    System.arraycopy(before.get(b), 0, into, 0, into.length);
  }

  @Override
  public void input(int input, float[] into) {
    host(ports.inputs(), input, DType.F32, into.length).asFloatBuffer().get(into);
  }

  @Override
  public MemoryUse memory() {
    return use;
  }

  @Override
  public String profile(int runs) {
    ready();
    long[] ns = new long[descriptions.size()];
    for (int i = 0; i < runs; i++) {
      checkRun(Native.programProfile(program, ns, ns.length));
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
