package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.Dnn;
import io.quickstudy.bindings.Emulator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import org.bytedeco.javacpp.BytePointer;

/**
 * The kernels on the processor, under the emulator's checks. A graph is a list of calls. One of the
 * two queues runs whatever it is given at once, as far as it need not wait; the other does nothing
 * before somebody waits for it, so that a wait that was forgotten shows as old or overwritten data.
 */
final class EmulatedDriver implements CudaDriver {
  private final Map<String, Long> kernels = new HashMap<>();
  private final Dnn dnn = new EmulatedDnn(this);
  private final Map<Queue, Deque<Runnable>> queues = new EnumMap<>(Queue.class);
  private final Queue late;
  private final int capability;
  private final ToLongFunction<List<String>> compiler;
  private final SplittableRandom order = new SplittableRandom(5);
  private List<Runnable> recording;
  private int branch;
  private int replays;

  /** With work that is late. */
  EmulatedDriver() {
    this(Queue.WORK);
  }

  /** With one queue that is as late as it can be, and another that is as early. */
  EmulatedDriver(Queue late) {
    this(late, 80, EmulatedDriver::compiled);
  }

  /** Of a certain compute capability. */
  EmulatedDriver(int capability) {
    this(Queue.WORK, capability, EmulatedDriver::compiled);
  }

  /**
   * With kernels from somewhere else.
   *
   * @param compiler gives the module with the kernels of some sources
   */
  EmulatedDriver(ToLongFunction<List<String>> compiler) {
    this(Queue.WORK, 80, compiler);
  }

  /**
   * With the kernels of some sources, compiled now, whatever is asked for later.
   *
   * @throws AssertionError if they cannot be loaded
   */
  static EmulatedDriver holding(List<String> sources) {
    long module = compiled(sources);
    if (module == 0) {
      throw new AssertionError(Emulator.error());
    }
    return new EmulatedDriver(s -> module);
  }

  private static long compiled(List<String> sources) {
    return Emulator.load(EmulatedCompiler.library(sources).toString());
  }

  private EmulatedDriver(Queue late, int capability, ToLongFunction<List<String>> compiler) {
    this.late = late;
    this.capability = capability;
    this.compiler = compiler;
    for (Queue q : Queue.values()) {
      queues.put(q, new ArrayDeque<>());
    }
  }

  @Override
  public String device() {
    return "cuda, emulated";
  }

  @Override
  public int capability() {
    return capability;
  }

  /** As many as a GPU of compute capability 9.0 has. */
  @Override
  public int blockBytes() {
    return 227 << 10;
  }

  @Override
  public Map<String, String> describe() {
    return Map.of("gpu", "none: kernels run on the processor");
  }

  /** How often a graph was replayed. */
  int replays() {
    return replays;
  }

  @Override
  public long available() {
    return Long.MAX_VALUE;
  }

  static void check(int rc) {
    if (rc != 0) {
      throw new BackendException(Emulator.error());
    }
  }

  @Override
  public long alloc(long bytes) {
    idle();
    return Emulator.alloc(bytes);
  }

  @Override
  public void free(long address) {
    idle();
    drain(Queue.WORK);
    check(Emulator.free(address));
  }

  @Override
  public void copyIn(long to, ByteBuffer from) {
    idle();
    drain(Queue.WORK);
    int bytes = from.remaining();
    try (BytePointer host = new BytePointer(from.slice())) {
      check(Emulator.copyIn(to, host, bytes));
    }
  }

  @Override
  public void copyOut(ByteBuffer into, long from) {
    idle();
    drain(Queue.WORK);
    int bytes = into.remaining();
    try (BytePointer host = new BytePointer(into.slice())) {
      check(Emulator.copyOut(host, from, bytes));
    }
  }

  @Override
  public void fill(long address, byte value, long bytes) {
    start(() -> check(Emulator.fill(address, value, bytes)));
  }

  @Override
  public void launch(Launch l) {
    start(kernels.computeIfAbsent(l.kernel(), Emulator::kernel), l);
  }

  private void start(long kernel, Launch l) {
    if (kernel == 0) {
      throw new BackendException("there is no kernel " + l.kernel());
    }
    long[] args = l.args().clone(); // as CUDA takes them at the launch
    start(() -> check(Emulator.launch(kernel, l.grid(), 1, 1, l.block(), 1, 1, l.shared(), args)));
  }

  /** Nothing: what is not compiled yet is compiled when it is wanted. */
  @Override
  public void prepare(Set<String> kernels, List<String> sources) {}

  @Override
  public Module compile(String name, List<String> sources) {
    long module = compiler.applyAsLong(sources);
    if (module == 0) {
      throw new BackendException(Emulator.error());
    }
    return new Compiled(module);
  }

  private final class Compiled implements Module {
    private final Map<String, Long> kernels = new HashMap<>();
    private final long module;

    Compiled(long module) {
      this.module = module;
    }

    @Override
    public void launch(Launch l) {
      start(kernels.computeIfAbsent(l.kernel(), k -> Emulator.kernel(module, k)), l);
    }

    @Override
    public void close() {} // it stays to the end of the process
  }

  @Override
  public void sgemm(Products p) {
    first();
    start(
        () ->
            check(
                Emulator.sgemmStridedBatched(
                    form(p.a()),
                    form(p.b()),
                    p.m(),
                    p.n(),
                    p.k(),
                    p.what() == CudaDriver.Into.LESS ? -1 : 1,
                    p.a().address(),
                    p.a().ld(),
                    p.a().stride(),
                    p.b().address(),
                    p.b().ld(),
                    p.b().stride(),
                    p.what() == CudaDriver.Into.LESS ? 1 : 0,
                    p.c().address(),
                    p.c().ld(),
                    p.c().stride(),
                    p.batch(),
                    rounding(p.precision()))));
  }

  private static int rounding(Precision precision) {
    return switch (precision) {
      case FP32 -> 0;
      case TF32 -> 1;
    };
  }

  @Override
  public Dnn dnn(Precision precision) {
    return dnn;
  }

  private static int form(Matrix m) {
    return switch (m.form()) {
      case PLAIN -> 0;
      case TRANSPOSED -> 1;
    };
  }

  /** Runs a call now, or records it. */
  void start(Runnable call) {
    if (recording != null) {
      recording.add(call);
    } else {
      put(Queue.WORK, call);
    }
  }

  private void put(Queue queue, Runnable call) {
    queues.get(queue).add(call);
    if (queue != late) {
      drain(queue);
    }
  }

  private void drain(Queue queue) {
    for (Runnable r = queues.get(queue).poll(); r != null; r = queues.get(queue).poll()) {
      r.run();
    }
  }

  @Override
  public Pinned pinned(long bytes) {
    return new Host((int) bytes);
  }

  /** The host's memory, and how many copies still want it. */
  private static final class Host implements Pinned {
    private final ByteBuffer bytes;
    private int wanted;

    Host(int size) {
      bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    }

    @Override
    public ByteBuffer bytes() {
      return bytes;
    }

    @Override
    public void close() {
      if (wanted > 0) {
        throw new IllegalStateException(wanted + " copies still want the host's memory");
      }
    }
  }

  @Override
  public void upload(long to, Pinned from) {
    idle();
    Host host = (Host) from;
    host.wanted++;
    put(
        Queue.UPLOADS,
        () -> {
          host.wanted--;
          try (BytePointer all = new BytePointer(host.bytes)) {
            check(Emulator.copyIn(to, all, host.bytes.capacity()));
          }
        });
  }

  @Override
  public void download(Pinned into, int at, long from, long bytes) {
    idle();
    Host host = (Host) into;
    host.wanted++;
    put(
        Queue.WORK,
        () -> {
          host.wanted--;
          try (BytePointer part = new BytePointer(host.bytes.slice(at, (int) bytes))) {
            check(Emulator.copyOut(part, from, bytes));
          }
        });
  }

  @Override
  public void copy(long to, long from, long bytes) {
    idle();
    start(() -> check(Emulator.copy(to, from, bytes)));
  }

  @Override
  public Event event() {
    return new Point();
  }

  /** An event; its marks are numbered. */
  private final class Point implements Event {
    private Queue marked = Queue.WORK;
    private int marks;
    private int passed;

    @Override
    public void mark(Queue queue) {
      idle();
      marked = queue;
      int number = ++marks;
      put(queue, () -> passed = number);
    }

    @Override
    public void hold(Queue queue) {
      idle();
      int number = marks;
      Queue on = marked;
      put(queue, () -> pass(number, on));
    }

    @Override
    public void await() {
      idle();
      pass(marks, marked);
    }

    private void pass(int number, Queue queue) {
      while (passed < number) {
        queues.get(queue).remove().run();
      }
    }

    @Override
    public void close() {
      marks = 0;
    }
  }

  private void idle() {
    if (recording != null) {
      throw new IllegalStateException("not while a graph is recorded");
    }
  }

  @Override
  public void synchronise() {
    idle();
    drain(Queue.WORK);
    check(Emulator.check());
  }

  @Override
  public Optional<Graph> capture(List<Work> parts) {
    idle();
    List<List<Runnable>> calls = new ArrayList<>();
    try {
      for (Work p : parts) {
        recording = new ArrayList<>();
        branch = p.branch();
        calls.add(recording);
        p.start().run();
      }
    } finally {
      recording = null;
      branch = 0;
    }
    return Optional.of(new Replay(List.copyOf(parts), calls));
  }

  /** What has one workspace, and so may not stand in several branches. */
  void first() {
    if (branch != 0) {
      throw new IllegalStateException("a product or cuDNN in branch " + branch);
    }
  }

  /**
   * Parts of a graph, each time in another order that their branches allow: a dependency that was
   * forgotten shows as a wrong result.
   */
  private final class Replay implements Graph {
    private final List<Work> parts;
    private final List<List<Runnable>> calls;

    Replay(List<Work> parts, List<List<Runnable>> calls) {
      this.parts = parts;
      this.calls = calls;
    }

    @Override
    public void replay() {
      replays++;
      Set<Integer> done = new HashSet<>();
      int favourite = order.nextInt(BRANCHES); // goes as far ahead as it can, mostly
      while (done.size() < parts.size()) {
        List<Integer> ready = ready(done);
        int any = ready.get(order.nextInt(ready.size()));
        int next =
            order.nextInt(8) == 0
                ? any
                : ready.stream()
                    .filter(i -> parts.get(i).branch() == favourite)
                    .findFirst()
                    .orElse(any);
        calls.get(next).forEach(EmulatedDriver.this::start);
        done.add(next);
      }
    }

    /** The next of each branch that waits for nothing. */
    private List<Integer> ready(Set<Integer> done) {
      List<Integer> out = new ArrayList<>();
      Set<Integer> seen = new HashSet<>();
      for (int i = 0; i < parts.size(); i++) {
        Work p = parts.get(i);
        if (!done.contains(i) && seen.add(p.branch()) && done.containsAll(p.after())) {
          out.add(i);
        }
      }
      return out;
    }

    @Override
    public void close() {
      calls.clear();
    }
  }

  @Override
  public void close() {
    idle();
    drain(Queue.WORK);
  }
}
