package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.Dnn;
import io.quickstudy.backend.cuda.driver.SharedConvolution;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/**
 * The emulator with a clock that moves by what each convolution or product is said to take, and
 * with several of cuDNN's algorithms, which differ in that alone.
 */
final class ClockedDriver implements PassingDriver {
  /** What is wrong with it, if anything. */
  enum Fault {
    /** Nothing. */
    NONE,
    /** There is no cuDNN. */
    MISSING,
    /** The first algorithm fails. */
    FIRST_FAILS,
    /** cuDNN knows no algorithm. */
    NO_ALGORITHMS
  }

  private final EmulatedDriver driver = new EmulatedDriver();
  private final Map<Integer, Integer> starts = new HashMap<>();
  private final String gpu;
  private final Fault fault;
  private final long own;
  private final List<Long> algorithms;
  private final Map<Long, Integer> panels = new HashMap<>();
  private LongUnaryOperator factors = rows -> 1;
  private long library;
  private int products;
  private long now;

  /**
   * A device.
   *
   * @param own nanoseconds of a launch of our kernels
   * @param algorithms of a start of each of cuDNN's algorithms, which are numbered from 0
   */
  ClockedDriver(String gpu, Fault fault, long own, List<Long> algorithms) {
    this.gpu = gpu;
    this.fault = fault;
    this.own = own;
    this.algorithms = algorithms;
  }

  long now() {
    return now;
  }

  /** How often an algorithm was started or recorded. */
  int starts(int algorithm) {
    return starts.getOrDefault(algorithm, 0);
  }

  /** How often anything of cuDNN was. */
  int starts() {
    return starts.values().stream().mapToInt(Integer::intValue).sum();
  }

  @Override
  public Dnn dnn(Precision precision) {
    if (fault == Fault.MISSING) {
      throw new BackendException("cuDNN is not usable: it is not there.");
    }
    return new Clocked(driver.dnn(precision));
  }

  private final class Clocked implements Dnn {
    private final Dnn emulated;

    Clocked(Dnn emulated) {
      this.emulated = emulated;
    }

    @Override
    public String version() {
      return emulated.version();
    }

    @Override
    public List<Way> ways(SharedConvolution c, long most) {
      long bytes = emulated.ways(c, most).get(0).bytes();
      int n = fault == Fault.NO_ALGORITHMS ? 0 : algorithms.size();
      return java.util.stream.IntStream.range(0, n).mapToObj(i -> new Way(i, bytes)).toList();
    }

    @Override
    public void start(SharedConvolution c, Way way, Operands at) {
      if (fault == Fault.FIRST_FAILS && way.algorithm() == 0) {
        throw new BackendException("cuDNN failed.");
      }
      starts.merge(way.algorithm(), 1, Integer::sum);
      now += algorithms.get(way.algorithm());
      emulated.start(c, way, at);
    }
  }

  @Override
  public void launch(Launch launch) {
    if (launch.kernel().startsWith("qs_conv")) {
      now += own;
    }
    if (launch.kernel().equals("qs_cholesky") || launch.kernel().equals("qs_trisolve")) {
      long rows = launch.args()[1];
      panels.merge(rows, 1, Integer::sum);
      now += factors.applyAsLong(rows);
    }
    driver.launch(launch);
  }

  @Override
  public Module compile(String name, List<String> sources) {
    Module m = driver.compile(name, sources);
    return new Module() {
      @Override
      public void launch(Launch launch) {
        now += own;
        m.launch(launch);
      }

      @Override
      public void close() {
        m.close();
      }
    };
  }

  @Override
  public void sgemm(Products p) {
    now += library;
    products++;
    driver.sgemm(p);
  }

  /** Has each product of cuBLAS take so many nanoseconds. */
  ClockedDriver withProducts(long nanoseconds) {
    library = nanoseconds;
    return this;
  }

  /** How many of these were started or recorded. */
  int products() {
    return products;
  }

  /** Has factors and triangular systems take what is said of their rows. */
  ClockedDriver with(LongUnaryOperator takes) {
    factors = takes;
    return this;
  }

  /** How often so many rows of a matrix were factored or solved by, or recorded. */
  int panels(long rows) {
    return panels.getOrDefault(rows, 0);
  }

  @Override
  public Optional<Graph> capture(List<Work> work) {
    long before = now;
    Optional<Graph> graph = driver.capture(work);
    long spent = now - before;
    now = before; // nothing ran yet
    return graph.map(
        g ->
            new Graph() {
              @Override
              public void replay() {
                now += spent;
                g.replay();
              }

              @Override
              public void close() {
                g.close();
              }
            });
  }

  @Override
  public Map<String, String> describe() {
    return Map.of("gpu", gpu, "free_mib", "" + now);
  }

  @Override
  public CudaDriver driver() {
    return driver;
  }
}
