package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.RealDriver;
import io.quickstudy.graph.Tensor;
import io.quickstudy.suite.BackendRun;
import io.quickstudy.suite.Candidate;
import io.quickstudy.suite.CheckedDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The CUDA backend as the suite tries it: with sentinels round every buffer and with buffers that
 * share memory, each started kernel by kernel and replayed, and cut along the task axis.
 */
public final class CudaCandidate implements Candidate {
  private static final int RUNS = 2; // the second is replayed

  static final List<CudaDriver> DRIVERS = drivers();

  /**
   * On the emulator and, where there is a GPU, on that, or on the one device that is checked; with
   * our own kernels.
   */
  public static final List<Candidate> FP32 = on(Precision.FP32);

  /** With kernels that are compiled for each program. */
  static final List<Candidate> GENERATED =
      DRIVERS.stream()
          .<Candidate>map(d -> new CudaCandidate(d, CudaBackend.Loops.GENERATED))
          .toList();

  /** With operands of products and convolutions rounded. */
  public static final List<Candidate> TF32 = on(Precision.TF32);

  /** With cuDNN for every convolution that it can do. */
  public static final List<Candidate> DNN = DRIVERS.stream().flatMap(CudaCandidate::dnn).toList();

  private final CudaDriver driver;
  private final Precision precision;
  private final CudaBackend.Loops loops;
  private final ConvolutionChoice convolutions;

  /** With own kernels for all convolutions. */
  CudaCandidate(CudaDriver driver, CudaBackend.Loops loops) {
    this(driver, Precision.FP32, loops, ConvolutionChoice.own(driver, Precision.FP32));
  }

  private CudaCandidate(
      CudaDriver driver,
      Precision precision,
      CudaBackend.Loops loops,
      ConvolutionChoice convolutions) {
    this.driver = driver;
    this.precision = precision;
    this.loops = loops;
    this.convolutions = convolutions;
  }

  private static List<Candidate> on(Precision p) {
    return DRIVERS.stream()
        .<Candidate>map(
            d ->
                new CudaCandidate(d, p, CudaBackend.Loops.INTERPRETED, ConvolutionChoice.own(d, p)))
        .toList();
  }

  private static List<CudaDriver> drivers() {
    if (CheckedDevice.given()) {
      return CheckedDevice.isCuda() ? List.of(RealDriver.open(CheckedDevice.index())) : List.of();
    }
    List<CudaDriver> out = new ArrayList<>();
    out.add(new EmulatedDriver());
    try {
      out.add(RealDriver.open(0));
    } catch (BackendException e) {
      System.out.println("CudaCandidate: on the emulator alone. " + e.getMessage());
    }
    return List.copyOf(out);
  }

  private static Stream<Candidate> dnn(CudaDriver d) {
    try {
      return Stream.of(
          new CudaCandidate(
              d,
              Precision.FP32,
              CudaBackend.Loops.INTERPRETED,
              new ConvolutionChoice(
                  d, ConvolutionChoice.Use.ON, Precision.FP32, Trials.none(d, Precision.FP32))));
    } catch (BackendException e) {
      System.out.println("CudaCandidate: " + d.device() + " without cuDNN. " + e.getMessage());
      return Stream.of();
    }
  }

  /** On each device, so many of the arguments' tasks at a time. */
  public static List<Candidate> inChunksOf(int size, int tasks) {
    return DRIVERS.stream().map(d -> inChunksOf(d, size, tasks)).toList();
  }

  private static Candidate inChunksOf(CudaDriver driver, int size, int tasks) {
    PlannedBackend planned =
        new PlannedBackend(
            driver,
            CudaBackend.Memory.GUARDED,
            spec ->
                CudaPlan.inChunksOf(
                    size,
                    spec,
                    new CudaOptions(
                        c -> Optional.empty(), Precision.FP32, CudaBackend.Loops.INTERPRETED)));
    return new Candidate() {
      @Override
      public String name() {
        return driver.device() + ", in chunks of " + size;
      }

      @Override
      public List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
        return BackendRun.of(planned, outputs, arguments, tasks, RUNS);
      }
    };
  }

  @Override
  public String name() {
    return "%s %s, cuDNN %s".formatted(driver.device(), precision, convolutions.describe());
  }

  @Override
  public List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    List<double[]> guarded = run(CudaBackend.Memory.GUARDED, outputs, arguments);
    List<double[]> shared = run(CudaBackend.Memory.SHARED, outputs, arguments);
    for (int i = 0; i < guarded.size(); i++) {
      for (int k = 0; k < guarded.get(i).length; k++) {
        if (Double.compare(guarded.get(i)[k], shared.get(i)[k]) != 0) {
          throw new AssertionError(
              "number %s of %s is %s in memory of its own, %s in shared memory"
                  .formatted(k, outputs.get(i), guarded.get(i)[k], shared.get(i)[k]));
        }
      }
    }
    if (precision == Precision.FP32) {
      cut(outputs, arguments)
          .ifPresent(
              split -> {
                for (int i = 0; i < split.size(); i++) {
                  CpuCandidate.near(outputs.get(i), guarded.get(i), split.get(i));
                }
              });
    }
    return guarded;
  }

  /**
   * In FP32 a cut changes the order of sums alone, and {@link #run} compares the two. In TF32
   * cuBLAS may take another kernel for fewer matrices: on an H200 it computed small ones exactly
   * that it rounded in a smaller batch. So both are compared with the reference.
   */
  @Override
  public Map<String, List<double[]>> ways(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    Map<String, List<double[]>> out = new LinkedHashMap<>();
    out.put("whole", run(outputs, arguments));
    if (precision == Precision.TF32) {
      cut(outputs, arguments).ifPresent(split -> out.put("cut along tasks", split));
    }
    return out;
  }

  /** Once more, cut along the axis that arguments share, if any, one slice after the other. */
  private Optional<List<double[]>> cut(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    int tasks = CpuCandidate.commonAxis(arguments);
    if (tasks == 1) {
      return Optional.empty();
    }
    PlannedBackend one =
        new PlannedBackend(
            driver,
            CudaBackend.Memory.GUARDED,
            spec ->
                CudaPlan.inChunksOf(1, spec, new CudaOptions(convolutions::of, precision, loops)));
    return Optional.of(BackendRun.of(one, outputs, arguments, tasks, 1));
  }

  private List<double[]> run(
      CudaBackend.Memory memory, List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    // not closed, since that would close the driver, which others use
    return BackendRun.of(
        new CudaBackend(driver, memory, precision, loops, convolutions),
        outputs,
        arguments,
        1,
        RUNS);
  }
}
