package io.quickstudy.backend.cuda.kernels;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;

/**
 * The code of kernels for one GPU, from the cache or compiled, many at the same time: NVRTC takes a
 * thread for each. What was asked for ahead is kept until it is loaded, so that this also helps
 * where the cache's folder cannot be written to.
 */
public final class KernelCode implements AutoCloseable {
  private static final String LOOPS = "loops.cu";

  private final List<String> options;
  private final List<String> exact;
  private final String version = KernelCompiler.version();
  private final KernelCache cache;
  private final Map<KernelSources.Unit, FutureTask<byte[]>> ahead = new ConcurrentHashMap<>();
  private final List<ExecutorService> pools = new ArrayList<>();

  /** Of a GPU's architecture. */
  public KernelCode(String architecture, KernelCache cache) {
    this.options = KernelCompiler.options(architecture);
    this.exact = KernelCompiler.exactOptions(architecture);
    this.cache = cache;
  }

  /** Begins to make the code of kernels and of loops' sources; whoever wants one waits for it. */
  public void prepare(Set<String> kernels, List<String> loops) {
    Set<KernelSources.Unit> units = new LinkedHashSet<>(); // the longest first
    kernels.stream().map(KernelSources::unitOf).forEach(units::add);
    loops.forEach(s -> units.add(new KernelSources.Unit(LOOPS, s)));
    units.removeIf(ahead::containsKey);
    if (units.isEmpty()) {
      return;
    }
    int threads = Math.min(units.size(), Runtime.getRuntime().availableProcessors());
    ExecutorService pool =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory());
    pools.add(pool);
    for (KernelSources.Unit u : units) {
      FutureTask<byte[]> task = new FutureTask<>(() -> make(u));
      ahead.put(u, task);
      pool.execute(task);
    }
    pool.shutdown();
  }

  /**
   * A unit's code.
   *
   * @throws io.quickstudy.backend.BackendException if it does not compile
   */
  public byte[] of(KernelSources.Unit unit) {
    FutureTask<byte[]> task = ahead.remove(unit);
    if (task == null) {
      return make(unit);
    }
    task.run(); // by this thread, if no other has begun
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a kernel was compiled", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(unit.name(), e.getCause());
    }
  }

  /** The code of loops' sources. */
  public List<byte[]> loops(List<String> sources) {
    prepare(Set.of(), sources);
    return sources.stream().map(s -> of(new KernelSources.Unit(LOOPS, s))).toList();
  }

  private byte[] make(KernelSources.Unit unit) {
    List<String> with = unit.name().equals(LOOPS) ? exact : options;
    return KernelSources.code(unit.name(), unit.text(), with, version, cache);
  }

  /** Waits for what is being compiled; nothing more is begun. */
  @Override
  public void close() {
    ahead.values().forEach(t -> t.cancel(false));
    ahead.clear();
    pools.forEach(ExecutorService::close);
  }
}
