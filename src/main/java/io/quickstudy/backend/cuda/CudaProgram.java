package io.quickstudy.backend.cuda;

import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.DeviceMemory;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Constants;
import io.quickstudy.backend.plan.Fault;
import io.quickstudy.backend.plan.Ports;
import io.quickstudy.backend.plan.Profile;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.Words;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A compiled graph: launches over one arena. They are started one by one in the first run and,
 * where the device can, recorded in the second, to be replayed at once in that and every later run.
 *
 * <p>A run is started behind the one before, which is then waited for: while the host prepares a
 * run, the device computes another. What was wrong with a run is therefore said by the next, or by
 * whatever reads what it left.
 */
final class CudaProgram implements Program {
  private final ProgramSpec spec;
  private final CudaDriver driver;
  private final CudaPlan plan;
  private final Ports ports;
  private final Map<Integer, CudaResident> bound = new HashMap<>();
  private final DeviceMemory arena;
  private final DeviceMemory words;
  private final DeviceMemory fault;
  private final DeviceMemory scratch;
  private final DeviceMemory staging;
  private final Sentinels sentinels;
  private final InputUpload upload;
  private final OutputDownload download;

  /** What every step starts; empty until the addresses of all residents are known. */
  private List<List<Consumer<CudaDriver>>> calls = List.of();

  private final List<String> what = new ArrayList<>();

  /** The number of the part that each step belongs to. */
  private final List<Integer> partOf = new ArrayList<>();

  private CudaDriver.Graph graph;
  private ByteBuffer passing = direct(CudaPlan.FAULT_BYTES);
  private boolean warm;

  /** Whether nobody looked yet at what the last run says. */
  private boolean pending;

  private boolean closed;

  CudaProgram(ProgramSpec spec, CudaDriver driver, CudaPlan plan, CudaBackend.Memory memory) {
    this.spec = spec;
    this.driver = driver;
    this.plan = plan;
    this.ports = plan.program.ports();
    long arenaBytes =
        switch (memory) {
          case SHARED -> plan.layOut().shared();
          case GUARDED -> plan.layOutApart().shared();
        };
    long[] sizes = {arenaBytes, plan.wordsBytes, plan.faultBytes(), plan.scratchBytes, 0};
    sizes[4] = InputUpload.span(ports.fed());
    List<DeviceMemory> blocks = new ArrayList<>();
    try {
      for (long bytes : sizes) {
        blocks.add(DeviceMemory.allocate(driver, bytes, spec.name()));
      }
      arena = blocks.get(0);
      words = blocks.get(1);
      fault = blocks.get(2);
      scratch = blocks.get(3);
      staging = blocks.get(4);
      if (memory == CudaBackend.Memory.GUARDED) {
        driver.fill(arena.address(), (byte) 0xFF, arena.bytes()); // NaN, so that gaps in it show
      }
      plan.program.constants().forEach(this::table);
      List<Buffer> guarded = memory == CudaBackend.Memory.GUARDED ? plan.buffers() : List.of();
      sentinels = new Sentinels(spec.name(), driver, arena, guarded);
      upload = new InputUpload(driver, ports.fed(), arena, staging);
      download = new OutputDownload(driver, fault, arena, ports.small());
      plan.generated.compile(driver, spec.name());
    } catch (RuntimeException e) {
      blocks.forEach(DeviceMemory::close);
      throw e;
    }
  }

  private static ByteBuffer direct(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }

  private void table(Tensor t, Buffer b) {
    ByteBuffer numbers = passing(b.bytes());
    Constants.write(t, numbers);
    driver.copyIn(arena.address() + b.offset(), numbers);
  }

  /** A direct buffer of exactly so many bytes, the same one again and again. */
  private ByteBuffer passing(long bytes) {
    if (passing.capacity() < bytes) {
      passing = direct(bytes);
    }
    return passing.clear().limit((int) bytes);
  }

  private long address(Step.Place p, int chunk) {
    Buffer b = p.buffer();
    long base =
        switch (b.space()) {
          case SHARED, LOCAL -> arena.address();
          case BOUND -> resident(b).memory().address();
          case MOVING -> throw new IllegalStateException(b.name() + " is nowhere between steps");
        };
    return base + b.offset() + chunk * b.chunkBytes() + p.start() * b.dtype().bytes();
  }

  private CudaResident resident(Buffer b) {
    for (int i : spec.residents()) {
      if (ports.inputs().get(i).binding() == b.binding()) {
        return bound.get(i);
      }
    }
    throw new IllegalStateException(b.name() + " is bound nowhere");
  }

  private void open() {
    if (closed) {
      throw new IllegalStateException("program '" + spec.name() + "' is closed");
    }
  }

  private Buffer typed(List<Buffer> list, int i, DType dtype, int length) {
    open();
    return ports.checked(list, i, dtype, length);
  }

  @Override
  public void set(int input, float[] values) {
    Buffer b = typed(ports.inputs(), input, DType.F32, values.length);
    write(input, b, bytes -> bytes.asFloatBuffer().put(values));
  }

  @Override
  public void set(int input, int[] values) {
    Buffer b = typed(ports.inputs(), input, DType.I32, values.length);
    write(input, b, bytes -> bytes.asIntBuffer().put(values));
  }

  /** What the device carries is written where it lies; the rest goes its way with the next run. */
  private void write(int input, Buffer b, Consumer<ByteBuffer> values) {
    if (!spec.carry().containsValue(input)) {
      values.accept(upload.writing(b));
      return;
    }
    ByteBuffer bytes = passing(b.bytes());
    values.accept(bytes);
    driver.copyIn(arena.address() + b.offset(), bytes);
  }

  @Override
  public void bind(int input, Resident data) {
    open();
    CudaResident r = ports.checked(input, data, CudaResident.class);
    if (bound.put(input, r) != r) {
      forget(); // addresses have changed
    }
  }

  private void forget() {
    if (pending) {
      driver.synchronise(); // the work is still wanted
    }
    calls = List.of();
    warm = false;
    if (graph != null) {
      graph.close();
      graph = null;
    }
  }

  private void ready() {
    open();
    ports.requireBound(bound);
    if (calls.isEmpty()) {
      Words loops = new Words();
      LaunchBuilder.Fixed fixed =
          new LaunchBuilder.Fixed(
              words.address(),
              fault.address(),
              scratch.address(),
              fault.address() + CudaPlan.COUNTERS);
      calls = new ArrayList<>();
      what.clear();
      partOf.clear();
      plan.calls(
          this::address,
          loops,
          fixed,
          (step, part, started) -> {
            what.add(step);
            partOf.add(part);
            calls.add(started);
          });
      ByteBuffer bytes = passing(8L * loops.size());
      bytes.asLongBuffer().put(loops.array());
      driver.copyIn(words.address(), bytes);
    }
  }

  @Override
  public void run() {
    ready();
    if (warm && graph == null) {
      graph = driver.capture(parts()).orElse(null);
    }
    upload.start();
    if (graph != null) {
      graph.replay();
    } else {
      start();
    }
    warm = true;
    download.start();
    boolean unseen = pending;
    pending = true;
    if (unseen) {
      refuse(download.fault(1));
    }
  }

  /** Waits for the last run and looks at what it says. */
  private void settle() {
    if (pending) {
      ByteBuffer record = download.fault(0);
      pending = false;
      refuse(record);
      sentinels.check();
    }
  }

  private void start() {
    for (List<Consumer<CudaDriver>> step : calls) {
      step.forEach(c -> c.accept(driver));
    }
  }

  /** All steps as the parts of a graph. */
  private List<CudaDriver.Work> parts() {
    List<List<Consumer<CudaDriver>>> started = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      if (partOf.get(i) == started.size()) {
        started.add(new ArrayList<>());
      }
      started.get(partOf.get(i)).addAll(calls.get(i));
    }
    List<CudaDriver.Work> out = new ArrayList<>();
    for (int i = 0; i < started.size(); i++) {
      Branches.Place p = plan.branches.get(i);
      List<Consumer<CudaDriver>> own = started.get(i);
      Runnable start = () -> own.forEach(c -> c.accept(driver));
      out.add(new CudaDriver.Work(p.branch(), p.after(), start));
    }
    return out;
  }

  private void refuse(ByteBuffer record) {
    long kind = record.getLong(0);
    if (kind != 0) {
      long index = record.getLong(8);
      long limit = record.getLong(16);
      driver.synchronise();
      driver.fill(fault.address(), (byte) 0, CudaPlan.FAULT_BYTES);
      pending = false; // what was started behind it is as worthless
      throw new Fault(kind, index, limit).error(spec.name());
    }
  }

  private ByteBuffer read(Buffer b) {
    settle();
    ByteBuffer bytes = passing(b.bytes());
    driver.copyOut(bytes, arena.address() + b.offset());
    return bytes.rewind();
  }

  @Override
  public void get(int output, float[] into) {
    read(typed(ports.outputs(), output, DType.F32, into.length)).asFloatBuffer().get(into);
  }

  @Override
  public void get(int output, int[] into) {
    read(typed(ports.outputs(), output, DType.I32, into.length)).asIntBuffer().get(into);
  }

  @Override
  public void get(int output, byte[] into) {
    read(typed(ports.outputs(), output, DType.U8, into.length)).get(0, into);
  }

  @Override
  public void before(int output, float[] into) {
    open();
    Buffer b = ports.checkedSmall(output, into.length);
    if (download.runs() < 2) {
      throw new IllegalStateException(spec.name() + ": there was no run before the last");
    }
    download.output(1, b).asFloatBuffer().get(into);
  }

  @Override
  public void input(int input, float[] into) {
    Buffer b = typed(ports.inputs(), input, DType.F32, into.length);
    boolean carried = spec.carry().containsValue(input);
    (carried ? read(b) : upload.reading(b)).asFloatBuffer().get(into);
  }

  @Override
  public MemoryUse memory() {
    return plan.use();
  }

  /** Every step is waited for, so that the sum is more than the time of a run. */
  @Override
  public String profile(int runs) {
    ready();
    settle();
    upload.start();
    start(); // what is slow once is no part of it
    long[] ns = new long[calls.size()];
    for (int i = 0; i < runs; i++) {
      driver.synchronise();
      for (int k = 0; k < ns.length; k++) {
        long before = System.nanoTime();
        calls.get(k).forEach(c -> c.accept(driver));
        driver.synchronise();
        ns[k] += System.nanoTime() - before;
      }
    }
    ByteBuffer record = passing(CudaPlan.FAULT_BYTES);
    driver.copyOut(
        record.duplicate(), fault.address()); // in between, the next step would pay for it
    refuse(record);
    String how = "on " + driver.device() + ", one after the other";
    return Profile.table(spec.name(), how, ns, runs, what);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      forget();
      upload.close();
      download.close();
      staging.close();
      plan.generated.close();
      arena.close();
      words.close();
      fault.close();
      scratch.close();
    }
  }
}
