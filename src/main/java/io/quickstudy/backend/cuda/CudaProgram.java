package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Constants;
import io.quickstudy.backend.plan.LoopWords;
import io.quickstudy.backend.plan.Profile;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.Words;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A compiled graph: launches over one arena. They are started one by one in the first run and,
 * where the device can, recorded in the second, to be replayed at once in that and every later run.
 */
final class CudaProgram implements Program {
  /** Of the fault record: set, index, limit. */
  private static final int FAULT_BYTES = 24;

  /** Where, in the memory of the fault record, the counters of generated loops begin. */
  private static final int COUNTERS = 64;

  private final ProgramSpec spec;
  private final CudaDriver driver;
  private final Plan plan;
  private final Map<Integer, CudaResident> bound = new HashMap<>();
  private final DeviceMemory arena;
  private final DeviceMemory words;
  private final DeviceMemory fault;
  private final DeviceMemory scratch;
  private final Sentinels sentinels;

  /** What every step starts; empty until the addresses of all residents are known. */
  private List<List<Consumer<CudaDriver>>> calls = List.of();

  private CudaDriver.Graph graph;
  private ByteBuffer staging = direct(FAULT_BYTES);
  private boolean warm;
  private boolean closed;

  CudaProgram(ProgramSpec spec, CudaDriver driver, Plan plan) {
    this.spec = spec;
    this.driver = driver;
    this.plan = plan;
    Words sized = new Words();
    Calls any =
        new Calls(
            p -> 0,
            new LoopWords(sized, p -> sized.add(0)),
            new Calls.Fixed(0, 0, 0, 0),
            plan.generated);
    plan.steps.forEach(any::of);
    long faultBytes = COUNTERS + 4L * plan.generated.counters();
    long[] sizes = {plan.bytes, 8L * sized.size(), faultBytes, any.scratchBytes()};
    DeviceMemory.require(driver, Arrays.stream(sizes).sum(), spec.name());
    List<DeviceMemory> blocks = new ArrayList<>();
    try {
      for (long bytes : sizes) {
        blocks.add(DeviceMemory.allocate(driver, bytes, spec.name()));
      }
      arena = blocks.get(0);
      words = blocks.get(1);
      fault = blocks.get(2);
      scratch = blocks.get(3);
      if (!plan.guarded.isEmpty()) {
        driver.fill(arena.address(), (byte) 0xFF, arena.bytes()); // NaN, so that gaps in it show
      }
      plan.constants.forEach(this::table);
      sentinels = new Sentinels(spec.name(), driver, arena, plan.guarded);
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
    ByteBuffer numbers = staging(b.bytes());
    Constants.write(t, numbers);
    driver.copyIn(arena.address() + b.offset(), numbers);
  }

  /** A direct buffer of exactly so many bytes, the same one again and again. */
  private ByteBuffer staging(long bytes) {
    if (staging.capacity() < bytes) {
      staging = direct(bytes);
    }
    return staging.clear().limit((int) bytes);
  }

  private long address(Step.Place p) {
    Buffer b = p.buffer();
    long base =
        switch (b.space()) {
          case SHARED -> arena.address();
          case BOUND -> bound.get(plan.ports.inputs().indexOf(b)).memory().address();
          case LOCAL -> throw new IllegalStateException(b.name() + " is no worker's own");
        };
    return base + b.offset() + p.start() * b.dtype().bytes();
  }

  private void open() {
    if (closed) {
      throw new IllegalStateException("program '" + spec.name() + "' is closed");
    }
  }

  private Buffer typed(List<Buffer> list, int i, DType dtype, int length) {
    open();
    return plan.ports.checked(list, i, dtype, length);
  }

  @Override
  public void set(int input, float[] values) {
    Buffer b = typed(plan.ports.inputs(), input, DType.F32, values.length);
    ByteBuffer bytes = staging(b.bytes());
    bytes.asFloatBuffer().put(values);
    driver.copyIn(arena.address() + b.offset(), bytes);
  }

  @Override
  public void set(int input, int[] values) {
    Buffer b = typed(plan.ports.inputs(), input, DType.I32, values.length);
    ByteBuffer bytes = staging(b.bytes());
    bytes.asIntBuffer().put(values);
    driver.copyIn(arena.address() + b.offset(), bytes);
  }

  @Override
  public void bind(int input, Resident data) {
    open();
    CudaResident r = plan.ports.checked(input, data, CudaResident.class);
    if (bound.put(input, r) != r) {
      forget(); // addresses have changed
    }
  }

  private void forget() {
    calls = List.of();
    warm = false;
    if (graph != null) {
      graph.close();
      graph = null;
    }
  }

  private void ready() {
    open();
    plan.ports.requireBound(bound.keySet());
    if (calls.isEmpty()) {
      Words loops = new Words();
      Calls steps =
          new Calls(
              this::address,
              new LoopWords(loops, p -> loops.add(address(p))),
              new Calls.Fixed(
                  words.address(), fault.address(), scratch.address(), fault.address() + COUNTERS),
              plan.generated);
      calls = plan.steps.stream().map(steps::of).toList();
      ByteBuffer bytes = staging(8L * loops.size());
      bytes.asLongBuffer().put(loops.array());
      driver.copyIn(words.address(), bytes);
    }
  }

  @Override
  public void run() {
    ready();
    if (warm && graph == null) {
      graph = driver.capture(this::start).orElse(null);
    }
    if (graph != null) {
      graph.replay();
    } else {
      start();
    }
    warm = true;
    driver.synchronise();
    checkFault();
    sentinels.check();
  }

  private void start() {
    for (List<Consumer<CudaDriver>> step : calls) {
      step.forEach(c -> c.accept(driver));
    }
  }

  private void checkFault() {
    ByteBuffer record = staging(FAULT_BYTES);
    driver.copyOut(record.duplicate(), fault.address());
    if (record.getLong(0) != 0) {
      long index = record.getLong(8);
      long limit = record.getLong(16);
      driver.fill(fault.address(), (byte) 0, FAULT_BYTES);
      throw new BackendException(
          "%s: Index %d is outside 0..%d.".formatted(spec.name(), index, limit - 1));
    }
  }

  private ByteBuffer read(Buffer b) {
    ByteBuffer bytes = staging(b.bytes());
    driver.copyOut(bytes, arena.address() + b.offset());
    return bytes.rewind();
  }

  @Override
  public void get(int output, float[] into) {
    read(typed(plan.ports.outputs(), output, DType.F32, into.length)).asFloatBuffer().get(into);
  }

  @Override
  public void get(int output, int[] into) {
    read(typed(plan.ports.outputs(), output, DType.I32, into.length)).asIntBuffer().get(into);
  }

  @Override
  public void get(int output, byte[] into) {
    read(typed(plan.ports.outputs(), output, DType.U8, into.length)).get(0, into);
  }

  @Override
  public void input(int input, float[] into) {
    read(typed(plan.ports.inputs(), input, DType.F32, into.length)).asFloatBuffer().get(into);
  }

  @Override
  public long bytes() {
    return arena.bytes() + words.bytes() + fault.bytes() + scratch.bytes();
  }

  /** Every step is waited for, so that the sum is more than the time of a run. */
  @Override
  public String profile(int runs) {
    ready();
    long[] ns = new long[calls.size()];
    for (int i = 0; i < runs; i++) {
      driver.synchronise();
      for (int k = 0; k < ns.length; k++) {
        long before = System.nanoTime();
        calls.get(k).forEach(c -> c.accept(driver));
        driver.synchronise();
        ns[k] += System.nanoTime() - before;
      }
      checkFault();
    }
    String how = "on " + driver.device() + ", one after the other";
    List<String> what = plan.steps.stream().map(Step::what).toList();
    return Profile.table(spec.name(), how, ns, runs, what);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      forget();
      plan.generated.close();
      arena.close();
      words.close();
      fault.close();
      scratch.close();
    }
  }
}
