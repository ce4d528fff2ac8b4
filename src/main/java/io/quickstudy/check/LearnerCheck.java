package io.quickstudy.check;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks learners on the devices that it opens; close it to give them back.
 *
 * <p>A learner's mean loss over a batch of tasks, and the gradient of that by its parameters, are
 * computed by the reference in double precision and compared with fourth-order differences of the
 * loss along random directions, at two step sizes: where these disagree a kink of a ReLU or pooling
 * window lies between, and tasks and direction are drawn again. Then with a loop over the tasks,
 * and with what each device computes in 32-bit floats and, on a GPU that has it, in TF32.
 */
public final class LearnerCheck implements AutoCloseable {
  private final CheckOptions options;
  private final List<Device> devices;
  private final Map<String, String> missing;

  private LearnerCheck(CheckOptions options, List<Device> devices, Map<String, String> missing) {
    this.options = options;
    this.devices = devices;
    this.missing = missing;
  }

  /**
   * Opens the devices.
   *
   * @throws BackendException if one that was asked for by name cannot be used
   */
  public static LearnerCheck open(CheckOptions options) {
    List<Device> found = new ArrayList<>();
    Map<String, String> missing = new LinkedHashMap<>();
    try {
      boolean asked = !options.devices().isEmpty();
      for (String d : asked ? options.devices() : List.of("cpu", "cuda")) {
        try {
          found.add(Device.open(d, 1, Precision.FP32));
        } catch (BackendException e) {
          if (asked) {
            throw e;
          }
          missing.put(d, e.getMessage());
          continue;
        }
        if (d.startsWith("cuda")) {
          try {
            found.add(Device.open(d, 1, Precision.TF32));
          } catch (BackendException e) {
            missing.put(d + " tf32", e.getMessage());
          }
        }
      }
      return new LearnerCheck(options, found, missing);
    } catch (RuntimeException | java.lang.Error e) {
      found.forEach(Device::close);
      throw e;
    }
  }

  /** On devices that are open, which it closes. */
  static LearnerCheck on(CheckOptions options, Device... devices) {
    return new LearnerCheck(options, List.of(devices), Map.of());
  }

  /** What was found of each device that is compared, by its name: its libraries and versions. */
  public Map<String, Map<String, String>> devices() {
    Map<String, Map<String, String>> out = new LinkedHashMap<>();
    devices.forEach(d -> out.put(d.name(), d.engine().describe()));
    return out;
  }

  /** Why a device is not compared, by its name. */
  public Map<String, String> missing() {
    return missing;
  }

  /**
   * Opens the devices, checks one learner, and says in its report which device was skipped and why.
   *
   * @throws BackendException if a device that was asked for by name cannot be used
   */
  public static CheckReport once(Subject subject, CheckOptions options) {
    try (LearnerCheck check = open(options)) {
      CheckReport r = check.run(subject);
      List<Comparison> all = new ArrayList<>(r.comparisons());
      check.missing.forEach(
          (d, why) -> all.add(Comparison.skipped(d + " against the reference", why)));
      return new CheckReport(r.learner(), r.task(), r.seed(), all, r.warnings(), r.seconds());
    }
  }

  /** Checks a learner; one that is none is a report that failed, and no exception. */
  public CheckReport run(Subject subject) {
    long start = System.nanoTime();
    List<Comparison> found = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    try {
      MetaGradient m = new MetaGradient(subject, options.tasks(), options.seed());
      m.finite(options.seed());
      compare(m, found);
      List<String> unreached = m.unreached(options.seed());
      if (!unreached.isEmpty()) {
        warnings.add(
            "no gradient reaches %s: exactly 0 in every number, so training leaves %s as drawn"
                .formatted(
                    String.join(", ", unreached.stream().map(n -> "'" + n + "'").toList()),
                    unreached.size() == 1 ? "it" : "them"));
      }
    } catch (CheckException e) {
      found.add(Comparison.failed("the learner itself", e.getMessage()));
    }
    return new CheckReport(
        subject.name(),
        subject.task().toString(),
        options.seed(),
        found,
        warnings,
        (System.nanoTime() - start) / 1e9);
  }

  private void compare(MetaGradient m, List<Comparison> found) {
    long seed = options.seed();
    found.add(
        switch (m.subject().gradient()) {
          case EXACT -> Differences.compare(m, seed);
          case FIRST_ORDER ->
              Comparison.skipped(
                  Differences.NAME,
                  "declared first-order, so its gradient is not that of its loss");
        });
    found.add(Batching.compare(m, seed));
    devices.forEach(d -> found.add(d.compare(m, seed)));
    if (devices.stream().anyMatch(d -> d.name().startsWith("cpu"))) {
      found.add(workers(m, seed));
    }
  }

  /** Results do not depend on how many threads made them. */
  private static Comparison workers(MetaGradient m, long seed) {
    Map<Tensor, double[]> values = m.draw(seed);
    try (Device one = Device.open("cpu", 1, Precision.FP32);
        Device two = Device.open("cpu", 2, Precision.FP32)) {
      List<double[]> a = one.run(m, values);
      List<double[]> b = two.run(m, values);
      double worst = 0;
      for (int i = 0; i < a.size(); i++) {
        if (!Arrays.equals(a.get(i), b.get(i))) {
          for (int k = 0; k < a.get(i).length; k++) {
            double off = Math.abs(a.get(i)[k] - b.get(i)[k]);
            worst = Double.compare(a.get(i)[k], b.get(i)[k]) == 0 ? worst : Math.max(worst, off);
          }
        }
      }
      return Comparison.of(
          "cpu with one worker and two", worst, 0, "results must be the same bit by bit");
    }
  }

  @Override
  public void close() {
    devices.forEach(Device::close);
  }
}
