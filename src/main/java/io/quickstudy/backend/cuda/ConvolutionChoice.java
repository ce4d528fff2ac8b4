package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.Dnn;
import io.quickstudy.backend.cuda.driver.SharedConvolution;
import io.quickstudy.backend.plan.Step;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a convolution with a shared filter is left to cuDNN, and to which of its algorithms, as
 * {@link Trials} say. The ways differ in rounding, so that a run that goes on repeats its own
 * choices. {@code QUICKSTUDY_CUDNN=on} and {@code off} choose without measuring.
 */
final class ConvolutionChoice {
  private static final System.Logger LOG = System.getLogger(ConvolutionChoice.class.getName());

  /** Of which cuDNN may use so much at a time. */
  private static final long MOST_WORKSPACE = 128L << 20;

  private static final String VARIABLE = "QUICKSTUDY_CUDNN";
  private static final String OWN = "own";

  private final Use use;
  private final Trials trials;
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
   * @throws BackendException if cuDNN is asked for and not usable
   */
  ConvolutionChoice(CudaDriver driver, Use use, Precision precision, Trials trials) {
    this.use = use;
    this.trials = trials;
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
    return new ConvolutionChoice(driver, Use.OFF, precision, Trials.none(driver, precision));
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
        yield ways.isEmpty() ? Optional.empty() : byName.get(measured(c, s, ways));
      }
    };
  }

  private String measured(SharedConvolution c, Step.Conv s, List<Dnn.Way> ways) {
    Map<String, CudaOptions> options = new LinkedHashMap<>();
    options.put(OWN, trials.options(x -> Optional.empty()));
    for (Dnn.Way w : ways) {
      options.put(name(w), trials.options(x -> Optional.of(new DnnConvolution(dnn, c, w))));
    }
    Map<Step.Place, Long> elements = new HashMap<>();
    for (Step.Conv.Operand o : List.of(s.x(), s.w(), s.y())) {
      elements.put(o.place(), (s.tasks() - 1) * o.perTask() + o.shape().size());
    }
    return trials.fastest(
        "convolution", List.of(dnn.version(), c.toString()), s, elements, options);
  }

  private static String name(Dnn.Way way) {
    return "algorithm " + way.algorithm();
  }
}
