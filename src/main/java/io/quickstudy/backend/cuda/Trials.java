package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.DeviceMemory;
import io.quickstudy.backend.cuda.kernels.KernelCache;
import io.quickstudy.backend.cuda.kernels.KernelSources;
import io.quickstudy.backend.cuda.kernels.Tiling;
import io.quickstudy.backend.cuda.loops.LoopKernels;
import io.quickstudy.backend.cuda.loops.LoopSchedule;
import io.quickstudy.backend.plan.LoopEncoder;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.Words;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Which of several ways of a step is the fastest on a device, by measurement. What was measured
 * once for a shape is kept on disk beside the compiled kernels, and holds for every later run with
 * the same GPU, driver and kernels.
 */
final class Trials {
  private static final System.Logger LOG = System.getLogger(Trials.class.getName());
  private static final int ROUNDS = 5;

  /** Work of one shape that is timed together, so that the clock's steps do not matter. */
  private static final int REPEATS = 8;

  /** Floats of about 0.01. */
  private static final byte SMALL = 0x3c;

  private final CudaDriver driver;
  private final Precision precision;
  private final KernelCache cache;
  private final LongSupplier clock;

  /**
   * On one device.
   *
   * @param precision of products and convolutions
   * @param cache where what was measured is kept
   * @param clock nanoseconds
   */
  Trials(CudaDriver driver, Precision precision, KernelCache cache, LongSupplier clock) {
    this.driver = driver;
    this.precision = precision;
    this.cache = cache;
    this.clock = clock;
  }

  /** For who has but one way. */
  static Trials none(CudaDriver driver, Precision precision) {
    return new Trials(driver, precision, new KernelCache(Path.of("unused")), () -> 0);
  }

  /** A way of convolutions. */
  CudaOptions options(CudaPlan.Choice convolutions) {
    List<Tiling.Way> own = Tiling.Way.of(precision, driver.capability());
    return new CudaOptions(
        convolutions,
        Factors.USUAL,
        LoopSchedule.Products.SMALL,
        precision,
        CudaBackend.Loops.INTERPRETED,
        0,
        own);
  }

  /** What is asked of products and convolutions. */
  Precision precision() {
    return precision;
  }

  /** A way of products. */
  CudaOptions options(LoopSchedule.Products products, CudaBackend.Loops loops) {
    return options(c -> Optional.empty()).with(products, loops);
  }

  /** A way of factors and triangular systems. */
  CudaOptions options(Factors.Panels panels) {
    return options(c -> Optional.empty()).with(panels);
  }

  /**
   * The name of the fastest way. One that fails is left out, but the first.
   *
   * @param kind a word for the entry and the log
   * @param shape all that times depend on but the device and our kernels
   * @param elements how many floats the step's operands have
   * @param ways by name, of which the first wins where several are as fast
   */
  String fastest(
      String kind,
      List<String> shape,
      Step step,
      Map<Step.Place, Long> elements,
      Map<String, CudaOptions> ways) {
    byte[] kept =
        cache.get(
            kind + "-" + key(shape) + ".bin",
            b -> ways.containsKey(text(b)),
            () -> measured(kind, step, elements, ways).getBytes(StandardCharsets.UTF_8));
    return text(kept);
  }

  private static String text(byte[] content) {
    return new String(content, StandardCharsets.UTF_8);
  }

  private String key(List<String> shape) {
    List<String> parts = new ArrayList<>(shape);
    Map<String, String> device = driver.describe();
    for (String what : List.of("gpu", "architecture", "driver_cuda", "nvrtc_version")) {
      parts.add(device.getOrDefault(what, ""));
    }
    Stream.of(KernelSources.FILES, KernelSources.HEADERS)
        .forEach(all -> all.forEach(f -> parts.add(KernelSources.text(f))));
    return KernelCache.key(parts);
  }

  private String measured(
      String kind, Step step, Map<Step.Place, Long> elements, Map<String, CudaOptions> ways) {
    String best = null;
    long least = Long.MAX_VALUE;
    for (Map.Entry<String, CudaOptions> way : ways.entrySet()) {
      try {
        long spent = time(step, elements, way.getValue());
        if (spent < least) {
          least = spent;
          best = way.getKey();
        }
      } catch (BackendException e) {
        if (best == null) {
          throw e;
        }
        LOG.log(
            System.Logger.Level.WARNING,
            "{0} by {1} is left out: {2}",
            kind,
            way.getKey(),
            e.getMessage());
      }
    }
    return best;
  }

  /** The least time of a few, as a program runs the step: replayed where the device can. */
  private long time(Step s, Map<Step.Place, Long> elements, CudaOptions options) {
    try (Trial trial = new Trial(s, elements, options)) {
      trial.start(); // the first time code is loaded, which cannot be recorded
      driver.synchronise();
      Optional<CudaDriver.Graph> graph = driver.capture(trial::repeat);
      try {
        Runnable work = graph.<Runnable>map(g -> g::replay).orElse(trial::repeat);
        long least = Long.MAX_VALUE;
        for (int i = 0; i <= ROUNDS; i++) {
          long before = clock.getAsLong();
          work.run();
          driver.synchronise();
          least = Math.min(least, clock.getAsLong() - before);
        }
        return least;
      } finally {
        graph.ifPresent(CudaDriver.Graph::close);
      }
    }
  }

  /** A step on memory of its own. */
  private final class Trial implements AutoCloseable {
    private final List<DeviceMemory> memory = new ArrayList<>();
    private final LoopKernels kernels;
    private final List<Consumer<CudaDriver>> calls;

    Trial(Step s, Map<Step.Place, Long> elements, CudaOptions options) {
      kernels = kernels(s, options);
      try {
        kernels.compile(driver, "measuring ways of a step");
        Map<Step.Place, Long> places = new HashMap<>();
        elements.forEach((place, n) -> places.put(place, allocate(Float.BYTES * n)));
        LaunchBuilder sized = calls(places, 0, options);
        sized.of(s);
        calls = calls(places, allocate(sized.scratchBytes()), options).of(s);
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }

    private static LoopKernels kernels(Step s, CudaOptions options) {
      LoopKernels k = new LoopKernels();
      if (options.loops() == CudaBackend.Loops.GENERATED) {
        options.schedule(List.of(s)).groups().forEach(k::add);
      }
      return k;
    }

    private LaunchBuilder calls(Map<Step.Place, Long> places, long scratch, CudaOptions options) {
      LoopEncoder none = new LoopEncoder(new Words(), p -> {});
      LaunchBuilder.Fixed fixed = new LaunchBuilder.Fixed(0, 0, scratch, 0);
      return new LaunchBuilder(places::get, none, fixed, kernels, options);
    }

    private long allocate(long bytes) {
      DeviceMemory block = DeviceMemory.allocate(driver, bytes, "measuring ways of a step");
      memory.add(block);
      driver.fill(block.address(), SMALL, Math.max(bytes, 1));
      return block.address();
    }

    void start() {
      calls.forEach(c -> c.accept(driver));
    }

    void repeat() {
      for (int i = 0; i < REPEATS; i++) {
        start();
      }
    }

    @Override
    public void close() {
      memory.forEach(DeviceMemory::close);
      kernels.close();
    }
  }
}
