package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.CudaLibraries;
import io.quickstudy.backend.cuda.driver.DeviceMemory;
import io.quickstudy.backend.cuda.driver.RealDriver;
import io.quickstudy.backend.cuda.kernels.Tiling;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A GPU: own kernels, cuBLAS and, where it is there, cuDNN. */
public final class CudaBackend implements Backend {
  /** How buffers are laid out. */
  enum Memory {
    /** Buffers that never live at once share memory. */
    SHARED,
    /**
     * Every buffer has its own memory with sentinels round it, checked after every run. For tests.
     */
    GUARDED
  }

  /** With less free, small programs alone would run, beside what else the GPU is at. */
  private static final long ROOM_BYTES = 512L << 20;

  /** Who does elementwise loops, reductions and copies. */
  enum Loops {
    /** One kernel that reads what is to be done. */
    INTERPRETED,
    /** Kernels made for the program. */
    GENERATED
  }

  private final CudaDriver driver;
  private final Memory memory;
  private final CudaOptions options;
  private final ConvolutionChoice convolutions;
  private final FactorChoice factors;
  private final ProductChoice products;

  /**
   * A device that is open.
   *
   * @throws BackendException if it does not have the precision; it then stays open
   */
  CudaBackend(
      CudaDriver driver,
      Memory memory,
      Precision precision,
      Loops loops,
      ConvolutionChoice convolutions,
      FactorChoice factors,
      ProductChoice products) {
    this.driver = driver;
    this.memory = memory;
    this.convolutions = convolutions;
    this.factors = factors;
    this.products = products;
    int blockBytes =
        switch (loops) {
          case INTERPRETED -> 0;
          case GENERATED -> driver.blockBytes();
        };
    List<Tiling.Way> ways = Tiling.Way.of(precision, driver.capability());
    this.options =
        new CudaOptions(convolutions::of, factors, products, precision, loops, blockBytes, ways);
    if (precision == Precision.TF32 && driver.capability() < Tiling.TF32_CAPABILITY) {
      throw new BackendException(
          String.format(
              Locale.ROOT,
              "Precision 'tf32' needs a GPU of compute capability 8.0 or newer, and %s has %.1f:"
                  + " say --precision fp32.",
              driver.device(),
              driver.capability() / 10.0));
    }
  }

  /** The same where factors and products are computed as usual. */
  CudaBackend(
      CudaDriver driver,
      Memory memory,
      Precision precision,
      Loops loops,
      ConvolutionChoice convolutions) {
    this(
        driver,
        memory,
        precision,
        loops,
        convolutions,
        new FactorChoice(Optional.empty()),
        new ProductChoice(Optional.empty()));
  }

  /** With own kernels for all convolutions and interpreted loops, for many small programs. */
  CudaBackend(CudaDriver driver, Memory memory, Precision precision) {
    this(driver, memory, precision, Loops.INTERPRETED, ConvolutionChoice.own(driver, precision));
  }

  /**
   * Opens a GPU.
   *
   * @param index its number, from 0
   * @param precision of convolutions and products
   * @throws BackendException with one sentence that says what is missing
   */
  public static CudaBackend open(int index, Precision precision) {
    ConvolutionChoice.Use use = ConvolutionChoice.Use.of(System.getenv());
    RealDriver driver = RealDriver.open(index);
    try {
      Trials trials = new Trials(driver, precision, driver.cache(), System::nanoTime);
      ConvolutionChoice choice = new ConvolutionChoice(driver, use, precision, trials);
      FactorChoice factors = new FactorChoice(Optional.of(trials));
      ProductChoice products = new ProductChoice(Optional.of(trials));
      return new CudaBackend(
          driver, Memory.SHARED, precision, Loops.GENERATED, choice, factors, products);
    } catch (RuntimeException e) {
      driver.close();
      throw e;
    }
  }

  /**
   * Opens a GPU that nobody asked for by name: one that others have filled is left to them.
   *
   * @param index its number, from 0
   * @param precision of convolutions and products
   * @throws BackendException with one sentence that says what is missing
   */
  public static CudaBackend withRoom(int index, Precision precision) {
    CudaBackend found = open(index, precision);
    long free = found.driver.available();
    if (free < ROOM_BYTES) {
      found.close();
      throw new BackendException(
          "%s has %s MiB of memory free: expected at least %s; end what else runs there."
              .formatted(found.device(), free >> 20, ROOM_BYTES >> 20));
    }
    return found;
  }

  /**
   * Every library that is looked for, by name: where it was found or how to get it; and what cuDNN
   * is to be used for.
   */
  public static Map<String, String> libraries() {
    Map<String, String> m = new LinkedHashMap<>(CudaLibraries.describe());
    m.put("cudnn_use", ConvolutionChoice.Use.said(System.getenv()));
    return m;
  }

  @Override
  public String device() {
    return driver.device();
  }

  /** There is one stream, and one handle of each library. */
  @Override
  public boolean concurrent() {
    return false;
  }

  @Override
  public Map<String, String> describe() {
    Map<String, String> m = new LinkedHashMap<>(driver.describe());
    m.put("cudnn", convolutions.describe());
    m.put("precision", options.precision().name().toLowerCase(Locale.ROOT));
    return m;
  }

  @Override
  public Map<String, String> choices() {
    Map<String, String> m = new LinkedHashMap<>(convolutions.choices());
    m.putAll(factors.choices());
    m.putAll(products.choices());
    return m;
  }

  @Override
  public void repeat(Map<String, String> choices) {
    convolutions.repeat(choices);
    factors.repeat(choices);
    products.repeat(choices);
  }

  @Override
  public Program compile(ProgramSpec spec, MemoryLimit limit) {
    CudaPlan.Search search = new CudaPlan.Search(spec, options);
    CudaPlan plan = search.inBlocks().orElseGet(() -> search.wide(driver::prepare));
    long free = driver.available();
    if (plan.bytes() > (limit.isGiven() ? Math.min(limit.bytes(), free) : free)) {
      plan = search.choose(spec.name(), device(), limit, free);
    }
    return new CudaProgram(spec, driver, plan, memory);
  }

  @Override
  public MemoryUse leastMemory(ProgramSpec spec) {
    return new CudaPlan.Search(spec, options).least();
  }

  @Override
  public Resident upload(DType dtype, Shape shape, ByteBuffer data) {
    long bytes = Resident.checkedBytes(dtype, shape, data);
    DeviceMemory block = DeviceMemory.allocate(driver, bytes, "data " + dtype + shape);
    block.write(data);
    return new CudaResident(dtype, shape, block);
  }

  @Override
  public void close() {
    driver.close();
  }
}
