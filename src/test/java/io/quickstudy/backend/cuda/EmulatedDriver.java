package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.bindings.Emulator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.bytedeco.javacpp.BytePointer;

/** The kernels on the processor, under the emulator's checks. A graph is a list of calls. */
final class EmulatedDriver implements CudaDriver {
  private final Map<String, Long> kernels = new HashMap<>();
  private final ToLongFunction<List<String>> compiler;
  private List<Runnable> recording;
  private int replays;

  /** With a compiler for each program's kernels. */
  EmulatedDriver() {
    this(sources -> Emulator.load(EmulatedCompiler.library(sources).toString()));
  }

  /**
   * With kernels from somewhere else.
   *
   * @param compiler gives the module with the kernels of some sources
   */
  EmulatedDriver(ToLongFunction<List<String>> compiler) {
    this.compiler = compiler;
  }

  @Override
  public String device() {
    return "cuda, emulated";
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

  private static void check(int rc) {
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
    check(Emulator.free(address));
  }

  @Override
  public void copyIn(long to, ByteBuffer from) {
    idle();
    int bytes = from.remaining();
    try (BytePointer host = new BytePointer(from.slice())) {
      check(Emulator.copyIn(to, host, bytes));
    }
  }

  @Override
  public void copyOut(ByteBuffer into, long from) {
    idle();
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
    start(
        () ->
            check(
                Emulator.sgemmStridedBatched(
                    form(p.a()),
                    form(p.b()),
                    p.m(),
                    p.n(),
                    p.k(),
                    1,
                    p.a().address(),
                    p.a().ld(),
                    p.a().stride(),
                    p.b().address(),
                    p.b().ld(),
                    p.b().stride(),
                    0,
                    p.c().address(),
                    p.c().ld(),
                    p.c().stride(),
                    p.batch())));
  }

  private static int form(Matrix m) {
    return switch (m.form()) {
      case PLAIN -> 0;
      case TRANSPOSED -> 1;
    };
  }

  private void start(Runnable call) {
    if (recording != null) {
      recording.add(call);
    } else {
      call.run();
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
    check(Emulator.check());
  }

  @Override
  public Optional<Graph> capture(Runnable work) {
    idle();
    List<Runnable> calls = new ArrayList<>();
    recording = calls;
    try {
      work.run();
    } finally {
      recording = null;
    }
    return Optional.of(new Replay(calls));
  }

  private final class Replay implements Graph {
    private final List<Runnable> calls;

    Replay(List<Runnable> calls) {
      this.calls = calls;
    }

    @Override
    public void replay() {
      replays++;
      calls.forEach(Runnable::run);
    }

    @Override
    public void close() {
      calls.clear();
    }
  }

  @Override
  public void close() {
    idle();
  }
}
