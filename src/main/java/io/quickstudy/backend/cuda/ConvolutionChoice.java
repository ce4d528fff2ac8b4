package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.DeviceMemory;
import io.quickstudy.backend.cuda.driver.Dnn;
import io.quickstudy.backend.cuda.driver.SharedConvolution;
import io.quickstudy.backend.cuda.kernels.KernelCache;
import io.quickstudy.backend.cuda.kernels.KernelSources;
import io.quickstudy.backend.cuda.kernels.Tiling;
import io.quickstudy.backend.cuda.loops.LoopKernels;
import io.quickstudy.backend.plan.LoopEncoder;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.Words;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Whether a convolution with a shared filter is left to cuDNN, and to which of its algorithms. The
 * ways differ in rounding. So what was measured once for a shape is kept on disk beside the
 * compiled kernels, and holds for every later run with the same GPU, driver, cuDNN and kernels; and
 * a run that goes on repeats its own choices, whatever became of that entry. {@code
 * QUICKSTUDY_CUDNN=on} and {@code off} choose without measuring.
 */
final class ConvolutionChoice {
  private static final System.Logger LOG = System.getLogger(ConvolutionChoice.class.getName());

  /** Of which cuDNN may use so much at a time. */
  private static final long MOST_WORKSPACE = 128L << 20;

  private static final String VARIABLE = "QUICKSTUDY_CUDNN";
  private static final String OWN = "own";
  private static final int ROUNDS = 5;

  /** Work of one shape that is timed together, so that the clock's steps do not matter. */
  private static final int REPEATS = 8;

  /** Floats of about 0.01. */
  private static final byte SMALL = 0x3c;

  private final CudaDriver driver;
  private final Use use;
  private final Precision precision;
  private final KernelCache cache;
  private final LongSupplier clock;
  private final Map<SharedConvolution, Optional<Dnn.Way>> known = new LinkedHashMap<>();
  private final Map<String, String> earlier = new HashMap<>();
  private final Dnn dnn;
  private final String note;

  /** What cuDNN is used for. */
  enum Use {
    /** Nothing. */
    OFF,
    /** Every convolution with a shared filter that it can do, by the algorithm it recommends. */
    ON,
    /** Those that it is faster at than our own kernels, by measurement. */
    MEASURED;

    /**
     * As {@code QUICKSTUDY_CUDNN} says.
     *
     * @throws BackendException if it says something else
     */
    static Use of(Map<String, String> environment) {
      String said = environment.getOrDefault(VARIABLE, "");
      return switch (said) {
        case "off" -> OFF;
        case "on" -> ON;
        case "", "measured" -> MEASURED;
        default ->
            throw new BackendException(
                VARIABLE + " is '" + said + "': expected 'on', 'off' or 'measured'.");
      };
    }

    /** What is asked for, right or wrong, for {@code info}. */
    static String said(Map<String, String> environment) {
      String said = environment.getOrDefault(VARIABLE, "");
      return said.isEmpty()
          ? "measured; %s=on or off chooses without measuring".formatted(VARIABLE)
          : "%s (%s)".formatted(said, VARIABLE);
    }
  }

  /**
   * For one device.
   *
   * @param precision of all convolutions
   * @param clock nanoseconds
   * @throws BackendException if cuDNN is asked for and not usable
   */
  ConvolutionChoice(
      CudaDriver driver, Use use, Precision precision, KernelCache cache, LongSupplier clock) {
    this.driver = driver;
    this.use = use;
    this.precision = precision;
    this.cache = cache;
    this.clock = clock;
    Dnn found = null;
    String said = "off";
    if (use != Use.OFF) {
      try {
        found = driver.dnn(precision);
        said = found.version();
      } catch (BackendException e) {
        if (use == Use.ON) {
          throw new BackendException(VARIABLE + " is 'on', but " + e.getMessage());
        }
        said = e.getMessage();
      }
    }
    dnn = found;
    note = said;
  }

  /** Never cuDNN. */
  static ConvolutionChoice own(CudaDriver driver, Precision precision) {
    KernelCache none = new KernelCache(Path.of("unused"));
    return new ConvolutionChoice(driver, Use.OFF, precision, none, () -> 0);
  }

  /** In a line, for {@code info}. */
  String describe() {
    if (dnn == null) {
      return note;
    }
    return switch (use) {
      case OFF -> note;
      case ON -> note + ", for all shared filters";
      case MEASURED -> note + ", for shared filters where it was measured faster";
    };
  }

  /** All that was chosen so far: the convolution and who computes it. */
  Map<String, String> choices() {
    Map<String, String> m = new LinkedHashMap<>();
    known.forEach((c, way) -> m.put(c.toString(), way.map(ConvolutionChoice::name).orElse(OWN)));
    return m;
  }

  /** Has later choices be those of an earlier run, where they are still to be had. */
  void repeat(Map<String, String> choices) {
    earlier.putAll(choices);
  }

  /** How cuDNN computes a step, or nothing where our own kernels do. */
  Optional<DnnConvolution> of(Step.Conv s) {
    return SharedConvolution.of(s)
        .flatMap(
            c ->
                known
                    .computeIfAbsent(c, k -> choose(k, s))
                    .map(way -> new DnnConvolution(dnn, c, way)));
  }

  private Optional<Dnn.Way> choose(SharedConvolution c, Step.Conv s) {
    List<Dnn.Way> ways = dnn == null ? List.of() : dnn.ways(c, MOST_WORKSPACE);
    Map<String, Optional<Dnn.Way>> byName = new HashMap<>();
    byName.put(OWN, Optional.empty());
    ways.forEach(w -> byName.put(name(w), Optional.of(w)));
    String before = earlier.get(c.toString());
    return switch (use) {
      case OFF -> Optional.empty();
      case ON -> ways.stream().findFirst();
      case MEASURED -> {
        if (byName.containsKey(before)) {
          yield byName.get(before);
        }
        if (before != null) {
          LOG.log(
              System.Logger.Level.WARNING,
              "This run had {0} from cuDNN, which is not there now ({1}); its last bits will"
                  + " differ.",
              before,
              describe());
        }
        yield ways.isEmpty() ? Optional.empty() : byName.get(measured(c, s, ways, byName.keySet()));
      }
    };
  }

  // ---- measuring

  private String measured(SharedConvolution c, Step.Conv s, List<Dnn.Way> ways, Set<String> names) {
    byte[] kept =
        cache.get(
            "convolution-" + key(c) + ".bin",
            b -> names.contains(text(b)),
            () -> fastest(c, s, ways).getBytes(StandardCharsets.UTF_8));
    return text(kept);
  }

  private static String name(Dnn.Way way) {
    return "algorithm " + way.algorithm();
  }

  private static String text(byte[] content) {
    return new String(content, StandardCharsets.UTF_8);
  }

  /** Of all that the times depend on. */
  private String key(SharedConvolution c) {
    List<String> parts = new ArrayList<>(List.of(dnn.version(), c.toString()));
    Map<String, String> device = driver.describe();
    for (String what : List.of("gpu", "architecture", "driver_cuda", "nvrtc_version")) {
      parts.add(device.getOrDefault(what, ""));
    }
    Stream.of(KernelSources.FILES, KernelSources.HEADERS)
        .forEach(all -> all.forEach(f -> parts.add(KernelSources.text(f))));
    return KernelCache.key(parts);
  }

  private String fastest(SharedConvolution c, Step.Conv s, List<Dnn.Way> ways) {
    String best = OWN;
    long least = time(s, x -> Optional.empty());
    for (Dnn.Way w : ways) {
      try {
        long spent = time(s, x -> Optional.of(new DnnConvolution(dnn, c, w)));
        if (spent < least) {
          least = spent;
          best = name(w);
        }
      } catch (BackendException e) {
        LOG.log(
            System.Logger.Level.WARNING, "cuDNN''s {0} is left out: {1}", name(w), e.getMessage());
      }
    }
    return best;
  }

  /** The least time of a few, as a program runs the step: replayed where the device can. */
  private long time(Step.Conv s, CudaPlan.Choice choice) {
    try (Trial trial = new Trial(s, choice)) {
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
    private final List<Consumer<CudaDriver>> calls;

    Trial(Step.Conv s, CudaPlan.Choice choice) {
      try {
        Map<Step.Place, Long> places = new HashMap<>();
        for (Step.Conv.Operand o : List.of(s.x(), s.w(), s.y())) {
          long elements = (s.tasks() - 1) * o.perTask() + o.shape().size();
          places.put(o.place(), allocate(Float.BYTES * elements));
        }
        LaunchBuilder sized = calls(places, 0, choice);
        sized.of(s);
        calls = calls(places, allocate(sized.scratchBytes()), choice).of(s);
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }

    private LaunchBuilder calls(
        Map<Step.Place, Long> places, long scratch, CudaPlan.Choice choice) {
      LoopEncoder none = new LoopEncoder(new Words(), p -> {});
      CudaBackend.Loops loops = CudaBackend.Loops.INTERPRETED;
      List<Tiling.Way> own = Tiling.Way.of(precision, driver.capability());
      CudaOptions options = new CudaOptions(choice, precision, loops, 0, own);
      LaunchBuilder.Fixed fixed = new LaunchBuilder.Fixed(0, 0, scratch, 0);
      return new LaunchBuilder(places::get, none, fixed, new LoopKernels(), options);
    }

    private long allocate(long bytes) {
      DeviceMemory block = DeviceMemory.allocate(driver, bytes, "measuring a convolution");
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
    }
  }
}
