package io.quickstudy.run;

import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.Precision;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Setting;
import io.quickstudy.text.Names;
import java.util.List;

/**
 * How long, where and how.
 *
 * @param steps meta-steps to train
 * @param minutes of training, measurements on the way included and all sessions together, after
 *     which it ends, 0 for any number
 * @param checkpointEvery write a checkpoint after so many steps
 * @param logEvery write a line of metrics after so many steps
 * @param device where to compute
 * @param precision how convolutions and products take their operands
 * @param workers threads; any number gives the same result
 * @param memoryLimit most memory of a program, such as 4G; none for what there is
 * @param seed of the parameters, tasks and random split
 */
public record RunSettings(
    @Setting(value = "meta-steps to train", usual = "1000", least = 0) int steps,
    @Setting(
            value = "end the training after so many minutes, of all sessions together; 0 for any",
            usual = "0",
            before = "0",
            least = 0)
        double minutes,
    @Setting(value = "write a checkpoint after so many steps", usual = "100", least = 1)
        int checkpointEvery,
    @Setting(value = "write a line of metrics after so many steps", usual = "5", least = 1)
        int logEvery,
    @Setting(
            value =
                "where to compute: cpu, cuda, cuda:1, or auto, a GPU that can be used or the CPU",
            usual = "auto")
        String device,
    @Setting(
            value = "how convolutions and products take their operands; tf32 needs a CUDA device",
            usual = "fp32",
            before = "fp32")
        Precision precision,
    @Setting(value = "threads; any number gives the same result", usual = "1", least = 1)
        int workers,
    @Setting(
            value =
                "most memory of the training program, and of that which measures, such as 4G (GiB);"
                    + " none for what there is",
            usual = MemoryLimit.UNLIMITED,
            before = MemoryLimit.UNLIMITED,
            placeholder = "SIZE")
        String memoryLimit,
    @Setting(value = "seed of the parameters, tasks and random split", usual = "0") long seed) {

  private static final int MOST_STEPS = 1 << 24; // the step counter is an F32, exact up to here

  /** Checks that they fit together. */
  public RunSettings {
    if (steps > MOST_STEPS) {
      throw new ConfigException(
          "Option --steps is %s: expected at most %s; train in several runs."
              .formatted(steps, MOST_STEPS));
    }
    if (!device.matches("auto|cpu|cuda(:[0-9]+)?")) {
      throw new ConfigException(Names.unknown("device", device, List.of("auto", "cpu", "cuda")));
    }
    if (precision == Precision.TF32 && !device.startsWith("cuda")) {
      throw new ConfigException(
          "Option --precision is tf32: expected fp32 on device '%s'; say --device cuda, which has it."
              .formatted(device));
    }
    try {
      MemoryLimit.of(memoryLimit);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  /** The most memory that a program may take. */
  public MemoryLimit memory() {
    return MemoryLimit.of(memoryLimit);
  }
}
